import type { Edited, Message, RoomEvent } from "../../model/wire/event.ts";
import type { FileInfo } from "../../model/files/file.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import { asNumber, asText, type Row } from "../database/database.ts";

/** The columns `toEvent` reads. */
export const EVENT_COLUMNS = "seq, type, at, author, name, id, target, text, body, sum";

/** The columns of a row of the log as it is written. */
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

/** What can be seen of a message. */
export interface Content {
  readonly text: string;
  readonly html?: string | undefined;
  readonly files?: readonly FileInfo[] | undefined;
}

/** What a row keeps beside its columns, as JSON in `body`. */
export interface Body {
  readonly html?: string;
  readonly replyTo?: number;
  readonly files?: readonly FileInfo[];
  /** A hidden message's own content: nobody is told of it. */
  readonly hidden?: Content;
  readonly editedAt?: number;
  readonly deleted?: true;
  readonly emoji?: string;
  readonly on?: boolean;
}

export function bodyOf(row: Row): Body {
  // Our own JSON, written by `packBody` alone.
  return typeof row["body"] === "string" ? (JSON.parse(row["body"]) as Body) : {};
}

/** Null where there is nothing to keep, which is most messages. */
export function packBody(body: {
  readonly [Key in keyof Body]: Body[Key] | undefined;
}): string | null {
  const json = JSON.stringify(body);
  return json === "{}" ? null : json;
}

/**
 * The SQL of a column as everyone sees it now, of the row `log` of the table `events`: an edit has
 * the text of its message, which is kept there alone.
 */
export const present = (value: (row: string) => string): string =>
  `CASE WHEN log.type = 'edited' THEN (SELECT ${value("message")} FROM events AS message
    WHERE message.room = log.room AND message.seq = log.target) ELSE ${value("log")} END`;

/** What `readEvent` reads of the row `log` of the table `events`. */
export const LOG_EVENT_COLUMNS: string = `log.seq AS seq, log.type AS type, log.at AS at,
  log.author AS author, log.name AS name, log.id AS id, log.target AS target,
  ${present((row) => `${row}.text`)} AS text, log.body AS body,
  ${present((row) => `${row}.body`)} AS present_body,
  log.sum AS sum`;

/** What `sumOf` is made of, in its order. */
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
 * The checksum of a row, 32 bits, by which damage to the file of an embedded database is noticed:
 * SQLite checks how its pages are built, not what is in them.
 */
export function sumOf({ seq, type, at, author, name, id, target, text, body }: Summed): number {
  // One hash after the other: a tenth of a microsecond, a third of what joining them first takes.
  const hash = Bun.hash.xxHash32;
  const numbers = (Number(seq) * 31 + Number(at) + Number(target ?? 0) * 17) % 2 ** 32;
  let sum = hash(String(type), numbers);
  for (const each of [author, name, id, text, body]) sum = hash(String(each ?? ""), sum);
  return sum;
}

/** The text of an edit is in its message's row, and in the checksum of that alone. */
export function summed(row: Row): Summed {
  const { seq, type, at, author, name, id, target, body } = row;
  const text = type === "edited" ? "" : row["text"];
  return { seq, type, at, author, name, id, target, text, body };
}

/** Whether a row is surely not as it was written. A row without a checksum is believed. */
export function isDamaged(row: Row): boolean {
  return row["sum"] != null && row["sum"] !== sumOf(summed(row));
}

/**
 * The event of a row, or null where the row is damaged: its checksum is wrong, or what is in it is
 * nothing that we write.
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

/** `tellsFiles`: whether the edit changed which files can be seen. */
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

/** Stands for an edit of a message that cannot be read. */
export function lostEdit({ seq, target }: Edited): RoomEvent {
  return { type: "deleted", seq, target, author: { id: "", name: "" }, at: 0 };
}

/** Stands for a message that cannot be read: shown as one that was deleted. */
export function lostMessage(row: Row): Message {
  const seq = asNumber(row["seq"]);
  const author = { id: "", name: "" };
  return { type: "message", seq, id: `damaged-${seq}`, author, text: "", at: 0, deleted: true };
}

/** Adds to messages in `seq` order what the rows of `reactions`, in order of their `seq`, say of them. */
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
