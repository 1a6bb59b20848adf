import type { FileInfo } from "../../../lib/model/files/file.ts";
import type { Delete, Edit, React } from "../../../lib/model/wire/frame.ts";

interface Kept {
  /** A message's own id, or the `ref` a change is sent with. */
  readonly id: string;
  /** The address of the room's page, since two chats may share a host. */
  readonly room: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Why it was refused; it is not retried by itself. */
  readonly failed?: string;
}

/** A pending message, as stored across reloads. */
export interface PendingMessage extends Kept {
  readonly text: string;
  readonly replyTo?: number;
  /** Uploaded files, and those to be uploaded first. */
  readonly files?: readonly (FileInfo | File)[];
}

export type Change = Edit | Delete | React;

/** A pending change of a message. */
export interface PendingChange extends Kept {
  readonly change: Change;
}

export type Pending = PendingMessage | PendingChange;

export function isChange(pending: Pending): pending is PendingChange {
  return "change" in pending;
}

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("chatroom", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened: Promise<IDBDatabase | undefined> | null = null;

/** Undefined without storage (as in private windows); the page still works. */
async function outbox(mode: IDBTransactionMode): Promise<IDBObjectStore | undefined> {
  opened ??= database().catch(() => undefined);
  return (await opened)?.transaction("outbox", mode).objectStore("outbox");
}

export async function store(pending: Pending): Promise<void> {
  const store = await outbox("readwrite");
  store?.put(pending);
  // Commits at once, because a page that closes loses requests that wait.
  store?.transaction.commit();
}

export async function forget(id: string): Promise<void> {
  const store = await outbox("readwrite");
  store?.delete(id);
  store?.transaction.commit();
}

/** The pending entries of a room, oldest first. */
export async function stored(room: string): Promise<Pending[]> {
  const pending = await all();
  return pending.filter((each) => each.room === room).sort((a, b) => a.at - b.at);
}

/** Deletes the pending entries of all rooms below an address. */
export async function forgetBelow(base: string): Promise<void> {
  for (const { id, room } of await all()) if (room.startsWith(base)) await forget(id);
}

async function all(): Promise<Pending[]> {
  const store = await outbox("readonly");
  if (!store) return [];
  return new Promise((resolve) => {
    const request: IDBRequest<Pending[]> = store.getAll();
    request.onerror = () => resolve([]);
    request.onsuccess = () => resolve(request.result);
  });
}
