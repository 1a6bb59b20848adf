import type { Signal } from "./broker.ts";
import { decodeControl, EVERYWHERE } from "./control.ts";
import type { Edited, Message, RoomEvent } from "./event.ts";
import { decodeFile } from "../files/file.ts";
import type { PersonRead, PersonTyping } from "./frame.ts";
import type { RoomHead } from "./inbox.ts";
import { type Author, authorOf } from "../people/person.ts";
import { roomName } from "../rooms/room.ts";

/** Signals from one node to the others about one room. */
export interface Parcel {
  /** The sending node, which ignores its own parcels. */
  readonly from: string;
  readonly room: string;
  readonly signals: readonly Signal[];
}

type Fields = Readonly<Record<string, unknown>>;

export function encodeParcel({ from, room, signals }: Parcel): string {
  return JSON.stringify({ from, room, signals });
}

/**
 * Decodes a parcel from the network, keeping only known fields; null if it is invalid. Unknown
 * signals, as of a newer version, are skipped.
 */
export function decodeParcel(text: string): Parcel | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { from, room, signals } = fieldsOf(json);
  if (typeof from !== "string" || typeof room !== "string") return null;
  if (room !== EVERYWHERE && roomName(room) !== room) return null;
  if (!Array.isArray(signals)) return null;
  return { from, room, signals: signals.map(toSignal).filter((signal) => signal !== null) };
}

function toSignal(value: unknown): Signal | null {
  const fields = fieldsOf(value);
  const { kind, events, seq, frame, node, people, total, ids, control } = fields;
  // Older versions do not number their statements.
  const at = isSeq(fields["at"]) ? fields["at"] : 0;
  switch (kind) {
    case "events": {
      const list = listOf(events, toEvent);
      return list && isRun(list) ? { kind, events: list } : null;
    }
    case "wake":
      return isSeq(seq) ? { kind, seq } : null;
    case "ephemeral": {
      const ephemeral = toEphemeral(frame);
      return ephemeral && { kind, frame: ephemeral };
    }
    case "here": {
      const list = listOf(people, toAuthor);
      if (typeof node !== "string" || !list) return null;
      return { kind, node, at, ...(isSeq(total) ? { total } : {}), people: list };
    }
    case "gone": {
      const list = listOf(ids, (id) => (typeof id === "string" ? id : null));
      return typeof node === "string" && list ? { kind, node, at, ids: list } : null;
    }
    case "inbox": {
      const list = listOf(people, (id) => (typeof id === "string" ? id : null));
      return list && { kind, people: list };
    }
    case "heads": {
      const list = listOf(fields["heads"], toHead);
      return list && { kind, heads: list };
    }
    case "who":
      return typeof node === "string" ? { kind, node } : null;
    case "names":
      return { kind };
    case "control": {
      const decoded = decodeControl(control);
      return decoded && { kind, control: decoded };
    }
    default:
      return null;
  }
}

function toEphemeral(value: unknown): PersonTyping | PersonRead | null {
  const { type, person, seq } = fieldsOf(value);
  const author = toAuthor(person);
  if (!author) return null;
  if (type === "typing") return { type, person: author };
  return type === "read" && isSeq(seq) ? { type, person: author, seq } : null;
}

function toEvent(value: unknown): RoomEvent | null {
  const fields = fieldsOf(value);
  const { type, seq, target, at, text, html, emoji, on } = fields;
  const author = toAuthor(fields["author"]);
  if (!author || !isSeq(seq) || typeof at !== "number") return null;
  if (type === "message") return toMessage(fields, { type, seq, author, at });
  if (!isSeq(target)) return null;
  const base = { seq, target, author, at };
  switch (type) {
    case "edited":
      if (typeof text !== "string" || !isOptional(html, "string")) return null;
      return toEdited(fields, {
        type,
        ...base,
        text,
        ...(typeof html === "string" ? { html } : {}),
      });
    case "deleted":
      return { type, ...base };
    case "reacted":
      return typeof emoji === "string" && typeof on === "boolean"
        ? { type, ...base, emoji, on }
        : null;
    default:
      return null;
  }
}

/** The message as first stored; later events change it. */
function toMessage(
  { id, text, replyTo, files, html }: Fields,
  base: Pick<Message, "type" | "seq" | "author" | "at">,
): Message | null {
  if (typeof id !== "string" || typeof text !== "string" || !isOptional(html, "string"))
    return null;
  if (replyTo !== undefined && !isSeq(replyTo)) return null;
  const list = files === undefined ? [] : listOf(files, decodeFile);
  if (!list) return null;
  return {
    ...base,
    id,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(list.length === 0 ? {} : { files: list }),
    ...(typeof html === "string" ? { html } : {}),
  };
}

function toEdited({ files }: Fields, event: Edited): Edited | null {
  if (files === undefined) return event;
  const list = listOf(files, decodeFile);
  return list && { ...event, files: list };
}

function toHead(value: unknown): RoomHead | null {
  const { room, head, count, last } = fieldsOf(value);
  const { seq, author: by, text, at } = fieldsOf(last);
  const author = toAuthor(by);
  if (typeof room !== "string" || roomName(room) !== room || !isSeq(head)) return null;
  if (!isSeq(count)) return null;
  if (!author || !isSeq(seq) || typeof text !== "string" || typeof at !== "number") return null;
  return { room, head, count, last: { seq, author, text, at } };
}

function toAuthor(value: unknown): Author | null {
  const { id, name } = fieldsOf(value);
  return typeof id === "string" && typeof name === "string" ? authorOf(id, name) : null;
}

/** Whether the events are consecutive. */
function isRun(events: readonly RoomEvent[]): boolean {
  const first = events[0]?.seq ?? 0;
  return events.length > 0 && events.every(({ seq }, index) => seq === first + index);
}

function isSeq(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function isOptional(value: unknown, type: "string"): boolean {
  return value === undefined || typeof value === type;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf<T>(value: unknown, decode: (item: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null;
  const list: T[] = [];
  for (const item of value) {
    const decoded = decode(item);
    if (decoded === null) return null;
    list.push(decoded);
  }
  return list;
}
