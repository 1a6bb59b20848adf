import type { Edited, Message, RoomEvent } from "../../model/wire/event.ts";
import type { FileInfo } from "../../model/files/file.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import { asNumber, asText, type Row } from "../database/database.ts";

/** The columns that `toEvent` reads. */
export const EVENT_COLUMNS = "seq, type, at, author, name, id, target, text, body, sum";

/** The columns written to a row of the log. */
export const LOG_COLUMNS = [
  "room",
  "seq",
  "type",
  "at",
  "author",
  "name",
  "id",
  "target",
  "text",
  "body",
  "sum",
];

/** The visible content of a message. */
export interface Content {
  readonly text: string;
  readonly html?: string | undefined;
  readonly files?: readonly FileInfo[] | undefined;
}

/** The part of a row stored as JSON in `body`. */
export interface Body {
  readonly html?: string;
  readonly replyTo?: number;
  readonly files?: readonly FileInfo[];
  /** A hidden message's own content, which nobody is sent. */
  readonly hidden?: Content;
  readonly editedAt?: number;
  readonly deleted?: true;
  readonly emoji?: string;
  readonly on?: boolean;
}

export function bodyOf(row: Row): Body {
  // JSON written by `packBody` alone.
  return typeof row["body"] === "string" ? (JSON.parse(row["body"]) as Body) : {};
}

/** Null if there is nothing to store, as for most messages. */
export function packBody(body: {
  readonly [Key in keyof Body]: Body[Key] | undefined;
}): string | null {
  const json = JSON.stringify(body);
  return json === "{}" ? null : json;
}

/**
 * SQL for a column as everyone sees it now, of the row `log` of `events`: an edit takes the text
 * from its message, where alone it is stored.
 */
export const present = (value: (row: string) => string): string =>
  `CASE WHEN log.type = 'edited' THEN (SELECT ${value("message")} FROM events AS message
    WHERE message.room = log.room AND message.seq = log.target) ELSE ${value("log")} END`;

/** The columns that `readEvent` reads, of the row `log` of `events`. */
export const LOG_EVENT_COLUMNS: string = `log.seq AS seq, log.type AS type, log.at AS at,
  log.author AS author, log.name AS name, log.id AS id, log.target AS target,
  ${present((row) => `${row}.text`)} AS text, log.body AS body,
  ${present((row) => `${row}.body`)} AS present_body,
  log.sum AS sum`;

/** The input of `sumOf`, in order. */
export interface Summed {
  readonly seq: unknown;
  readonly type: unknown;
  readonly at: unknown;
  readonly author: unknown;
  readonly name: unknown;
  readonly id: unknown;
  readonly target: unknown;
  readonly text: unknown;
  readonly body: unknown;
}

/**
 * The checksum of a row, 32 bits. Detects damage to the content of an embedded database's file;
 * SQLite checks only the structure of its pages.
 */
export function sumOf({ seq, type, at, author, name, id, target, text, body }: Summed): number {
  // Chained hashes take a tenth of a microsecond, a third of joining the texts first.
  const hash = Bun.hash.xxHash32;
  const numbers = (Number(seq) * 31 + Number(at) + Number(target ?? 0) * 17) % 2 ** 32;
  let sum = hash(String(type), numbers);
  for (const each of [author, name, id, text, body]) sum = hash(String(each ?? ""), sum);
  return sum;
}

/** An edit's text is stored in its message's row, and covered by that row's checksum. */
export function summed(row: Row): Summed {
  const { seq, type, at, author, name, id, target, body } = row;
  const text = type === "edited" ? "" : row["text"];
  return { seq, type, at, author, name, id, target, text, body };
}

/** Whether a row is certainly damaged. A row without a checksum is trusted. */
export function isDamaged(row: Row): boolean {
  return row["sum"] != null && row["sum"] !== sumOf(summed(row));
}

/**
 * The event of a row, or null if the row is damaged: its checksum is wrong, or its content was not
 * written by us.
 */
export function readEvent(row: Row): RoomEvent | null {
  if (isDamaged(row)) return null;
  try {
    return toEvent(row);
  } catch {
    return null;
  }
}

export function toEvent(row: Row): RoomEvent {
  const seq = asNumber(row["seq"]);
  const at = asNumber(row["at"]);
  const author = authorOf(asText(row["author"]), asText(row["name"]));
  const text = asText(row["text"]);
  const { hidden: _, ...body } = bodyOf(row);
  const type = asText(row["type"]);
  if (type === "message") {
    return { type, seq, id: asText(row["id"]), author, text, at, ...body };
  }
  const target = asNumber(row["target"]);
  switch (type) {
    case "edited": {
      const { html, files } = bodyOf({ body: row["present_body"] });
      return toEdited({ seq, target, author, at }, { text, html, files }, body.files !== undefined);
    }
    case "deleted":
      return { type, seq, target, author, at };
    case "reacted":
      return { type, seq, target, author, at, emoji: body.emoji ?? "", on: body.on ?? false };
    default:
      throw new TypeError(`the log holds an unknown event: ${type}`);
  }
}

/** `tellsFiles`: whether the edit changed which files are visible. */
export function toEdited(
  base: Pick<Edited, "seq" | "target" | "author" | "at">,
  { text, html, files = [] }: Content,
  tellsFiles: boolean,
): Edited {
  return {
    type: "edited",
    ...base,
    text,
    ...(html === undefined ? {} : { html }),
    ...(tellsFiles ? { files } : {}),
  };
}

/** Replaces an edit whose message cannot be read. */
export function lostEdit({ seq, target }: Edited): RoomEvent {
  return { type: "deleted", seq, target, author: { id: "", name: "" }, at: 0 };
}

/** Replaces a message that cannot be read; shown as deleted. */
export function lostMessage(row: Row): Message {
  const seq = asNumber(row["seq"]);
  const author = { id: "", name: "" };
  return { type: "message", seq, id: `damaged-${seq}`, author, text: "", at: 0, deleted: true };
}

/** Adds reactions, from rows of `reactions` in order of their `seq`, to messages in `seq` order. */
export function withReactions(messages: readonly Message[], rows: readonly Row[]): Message[] {
  const byTarget = new Map<number, Record<string, Author[]>>();
  for (const row of rows) {
    const target = asNumber(row["target"]);
    const reactions = byTarget.get(target) ?? {};
    byTarget.set(target, reactions);
    const people = (reactions[asText(row["emoji"])] ??= []);
    people.push(authorOf(asText(row["author"]), asText(row["name"])));
  }
  return messages.map((message) => {
    const reactions = byTarget.get(message.seq);
    return reactions ? { ...message, reactions } : message;
  });
}
