import type { Message, RoomEvent } from "../../model/wire/event.ts";
import type { FileInfo } from "../../model/files/file.ts";
import type { Author } from "../../model/people/person.ts";
import { asNumber, asText, type Row } from "../database/database.ts";

/** The columns `toEvent` reads. */
export const EVENT_COLUMNS = "seq, type, at, author, name, id, target, text, body";

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
];

/** What a row keeps beside its columns, as JSON in `body`. */
export interface Body {
  readonly html?: string;
  readonly replyTo?: number;
  readonly files?: readonly FileInfo[];
  /** The files of a message that is hidden: nobody is told of them. */
  readonly hidden?: readonly FileInfo[];
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
export function packBody(body: Body): string | null {
  const json = JSON.stringify(body);
  return json === "{}" ? null : json;
}

export function toEvent(row: Row): RoomEvent {
  const seq = asNumber(row["seq"]);
  const at = asNumber(row["at"]);
  const author = { id: asText(row["author"]), name: asText(row["name"]) };
  const text = asText(row["text"]);
  const { hidden: _, ...body } = bodyOf(row);
  const type = asText(row["type"]);
  if (type === "message") {
    return { type, seq, id: asText(row["id"]), author, text, at, ...body };
  }
  const target = asNumber(row["target"]);
  switch (type) {
    case "edited":
      return { type, seq, target, author, at, text, ...body };
    case "deleted":
      return { type, seq, target, author, at };
    case "reacted":
      return { type, seq, target, author, at, emoji: body.emoji ?? "", on: body.on ?? false };
    default:
      throw new TypeError(`the log holds an unknown event: ${type}`);
  }
}

export function toMessage(row: Row): Message {
  const event = toEvent(row);
  if (event.type !== "message") throw new TypeError("the log holds no message here");
  return event;
}

/** Adds to messages in `seq` order what the rows of `reactions`, in order of their `seq`, say of them. */
export function withReactions(messages: readonly Message[], rows: readonly Row[]): Message[] {
  const byTarget = new Map<number, Record<string, Author[]>>();
  for (const row of rows) {
    const target = asNumber(row["target"]);
    const reactions = byTarget.get(target) ?? {};
    byTarget.set(target, reactions);
    const people = (reactions[asText(row["emoji"])] ??= []);
    people.push({ id: asText(row["author"]), name: asText(row["name"]) });
  }
  return messages.map((message) => {
    const reactions = byTarget.get(message.seq);
    return reactions ? { ...message, reactions } : message;
  });
}
