import type { FileInfo } from "../../../lib/model/files/file.ts";
import type { Delete, Edit, React } from "../../../lib/model/wire/frame.ts";

interface Kept {
  /** Of a message: its own. Of a change: the `ref` it is sent with. */
  readonly id: string;
  /** The address of the room's page: two chats may live on one host. */
  readonly room: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Why it was refused; it is not sent again by itself. */
  readonly failed?: string;
}

/** A message that waits to be sent, as it is kept across a reload. */
export interface PendingMessage extends Kept {
  readonly text: string;
  readonly replyTo?: number;
  /** Those on the server already, and those that are to be uploaded first. */
  readonly files?: readonly (FileInfo | File)[];
}

export type Change = Edit | Delete | React;

/** A change of a message that waits to be sent. */
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

/** Undefined where the browser keeps nothing (a private window, say): the page works without. */
async function outbox(mode: IDBTransactionMode): Promise<IDBObjectStore | undefined> {
  opened ??= database().catch(() => undefined);
  return (await opened)?.transaction("outbox", mode).objectStore("outbox");
}

export async function keep(pending: Pending): Promise<void> {
  const store = await outbox("readwrite");
  store?.put(pending);
  // At once: a page that is left takes along what waits for the end of its request.
  store?.transaction.commit();
}

export async function forget(id: string): Promise<void> {
  const store = await outbox("readwrite");
  store?.delete(id);
  store?.transaction.commit();
}

/** What was left waiting in a room, oldest first. */
export async function kept(room: string): Promise<Pending[]> {
  const pending = await all();
  return pending.filter((each) => each.room === room).sort((a, b) => a.at - b.at);
}

/** Forgets what was left waiting in any room below an address. */
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
