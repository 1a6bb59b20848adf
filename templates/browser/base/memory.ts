import type { InboxRoom, InboxSettings } from "../../../lib/model/inbox/inbox.ts";
import { page } from "./dom.ts";

export type Notify = "all" | "mentions" | "none";

/** What this browser knows of a room. */
export interface RoomMemory {
  /** The last message seen. */
  readonly read: number;
  /** The log that `read` belongs to; void for another log. */
  readonly epoch: string;
  readonly visited: number;
  readonly notify: Notify;
  /** Nothing is told until then, in ms since 1970. */
  readonly quietUntil: number;
  readonly last?: { readonly name: string; readonly text: string; readonly at: number };
}

/** The saved part of an inbox, and its owner. */
export interface SavedInbox {
  readonly me: string;
  readonly version: number;
  readonly rooms: readonly InboxRoom[];
  readonly settings: InboxSettings;
}

/** Dispatched on the document when hours are to be written another way. */
export const HOURS_CHANGED = "hours";

export interface Preferences {
  readonly theme: "auto" | "light" | "dark";
  readonly size: "small" | "normal" | "large" | "huge";
  readonly density: "roomy" | "compact";
  /** How hours are written; `auto` as the language does. */
  readonly hours: "auto" | "12" | "24";
  readonly desktop: boolean;
  /** Whom this device is sent notices for while the chat is closed; empty: nobody. */
  readonly push?: string;
  /** Whether those have the text of messages. */
  readonly pushText?: boolean;
  readonly sound: boolean;
  readonly showMoves: boolean;
  /** The most recent first. */
  readonly recentEmoji: readonly string[];
  /** The skin tone of emoji: 0, none, to 5. */
  readonly tone: number;
}

const FRESH: RoomMemory = { read: 0, epoch: "", visited: 0, notify: "mentions", quietUntil: 0 };
const DEFAULTS: Preferences = {
  ...{ theme: "auto", desktop: false, sound: false, showMoves: false },
  ...{ size: "normal", density: "roomy", hours: "auto", recentEmoji: [], tone: 0 },
};
const MOST_ROOMS = 50;

/** Keys include the path, since several chats may share a host. */
const PREFIX = `chatroom:${new URL(page.root, location.href.replace(/[?#].*$/, "")).pathname}:`;

/** Null if there is nothing, or storage is not available. */
function read(key: string, from: "localStorage" | "sessionStorage" = "localStorage"): unknown {
  try {
    return JSON.parse(window[from].getItem(PREFIX + key) ?? "null");
  } catch {
    return null;
  }
}

function write(
  key: string,
  value: unknown,
  to: "localStorage" | "sessionStorage" = "localStorage",
): void {
  try {
    if (value === null) window[to].removeItem(PREFIX + key);
    else window[to].setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Storage is full or not allowed; the value lasts as long as the page.
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** All visited rooms, by name. */
export function rooms(): Record<string, RoomMemory> {
  const all = read("rooms");
  if (!isObject(all)) return {};
  const entries = Object.entries(all).filter(([, each]) => isObject(each));
  return Object.fromEntries(entries.map(([name, each]) => [name, { ...FRESH, ...Object(each) }]));
}

export function room(name: string): RoomMemory {
  return rooms()[name] ?? FRESH;
}

export function remember(name: string, change: Partial<RoomMemory>): void {
  const all = Object.entries({ ...rooms(), [name]: { ...room(name), ...change } });
  all.sort(([, a], [, b]) => b.visited - a.visited);
  write("rooms", Object.fromEntries(all.slice(0, MOST_ROOMS)));
}

export function forgetRoom(name: string): void {
  const { [name]: _, ...others } = rooms();
  write("rooms", others);
}

/** The inbox as last received by this browser. */
export function savedInbox(): SavedInbox | null {
  const saved = read("inbox");
  // Our own JSON, written by `saveInbox` alone.
  return isObject(saved) && Array.isArray(saved["rooms"]) ? (saved as unknown as SavedInbox) : null;
}

export function saveInbox(inbox: SavedInbox): void {
  write("inbox", inbox);
}

export function preferences(): Preferences {
  const known = read("preferences");
  return { ...DEFAULTS, ...(isObject(known) ? known : {}) };
}

export function prefer(change: Partial<Preferences>): void {
  write("preferences", { ...preferences(), ...change });
}

/** The draft of a room in this tab; a new tab adopts that of a closed one. */
export function draft(name: string): string {
  const key = `draft:${name}`;
  const [own, left] = [read(key, "sessionStorage"), read(key)];
  if (typeof left === "string" && (own === null || own === left)) {
    write(key, null);
    write(key, left, "sessionStorage");
    return left;
  }
  return typeof own === "string" ? own : "";
}

export function saveDraft(name: string, text: string): void {
  write(`draft:${name}`, text === "" ? null : text, "sessionStorage");
}

/** Leaves this tab's draft for the next tab that opens the room. */
export function leaveDraft(name: string): void {
  const key = `draft:${name}`;
  const own = read(key, "sessionStorage");
  if (own !== null) write(key, own);
}

/** The id of the account last signed in to; empty: none. */
export function account(): string {
  const known = read("account");
  return typeof known === "string" ? known : "";
}

export function setAccount(id: string): void {
  write("account", id === "" ? null : id);
}

/** Deletes every room and draft; the browser's preferences stay. */
export function forgetRooms(): void {
  try {
    for (const storage of [localStorage, sessionStorage]) {
      for (const key of Object.keys(storage)) {
        const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : "preferences";
        if (name !== "preferences") storage.removeItem(key);
      }
    }
  } catch {
    // Storage is not available.
  }
}
