import {
  type InboxItem,
  type InboxRoom,
  type InboxSettings,
  type LastWords,
  NOTICE_LEVELS,
  type NoticeLevel,
  TALK_LIMIT,
  type Writers,
  WRITERS,
} from "../inbox/inbox.ts";
import type { Author } from "../people/person.ts";
import { Refusal } from "../base/errors.ts";
import { roomName } from "../rooms/room.ts";
import { isSeq } from "./check.ts";

/** Opens the inbox on this socket: all of it, or what changed since a version. */
export interface OpenInbox {
  readonly type: "inbox";
  readonly since: number;
}

/** Changes what the inbox holds of one room. */
export interface Mark {
  readonly type: "mark";
  readonly room: string;
  /** Read as far as this `seq`. Never moves back. */
  readonly read?: number;
  /** This `seq` and everything after it becomes unread. */
  readonly unread?: number;
  readonly follow?: boolean;
  readonly level?: NoticeLevel;
  /** Milliseconds since 1970; 0 ends it. */
  readonly quietUntil?: number;
}
/** Everything is read. */
export interface MarkAll {
  readonly type: "mark";
  readonly all: true;
}

/** Changes settings of the whole inbox. */
export interface Choose {
  readonly type: "mark";
  /** Who may begin a private talk with them. */
  readonly writers?: Writers;
  /** The id of a person to block; with `on` false, to unblock. */
  readonly block?: string;
  readonly on?: boolean;
  /** The id of an item that they have dealt with. */
  readonly done?: string;
}
/** Opens the private talk with these people, and begins it if there is none. */
export interface OpenTalk {
  readonly type: "talk";
  readonly people: readonly string[];
}
export type InboxRequest = OpenInbox | Mark | MarkAll | Choose | OpenTalk;

/** The room of a private talk, and the other people in it. */
export interface Talk {
  readonly type: "talk";
  readonly room: string;
  readonly people: readonly Author[];
  readonly ref?: string;
}
export type InboxAnswer = InboxFrame | Talk;

/** Changes to the inbox. Rooms and items that are absent have not changed. */
export interface InboxFrame {
  readonly type: "inbox";
  /** The version to resume from; absent if only the heads of rooms moved. */
  readonly version?: number;
  /** This is the whole inbox; anything absent is not in it. */
  readonly full?: true;
  readonly rooms?: readonly (InboxRoom | LeftRoom | RoomHead)[];
  readonly items?: readonly InboxItem[];
  /** Only where they changed. */
  readonly settings?: InboxSettings;
}
/** A room that is no longer followed, or may not be entered. */
export interface LeftRoom {
  readonly room: string;
  readonly followed: false;
}
/** A followed room has new messages. */
export interface RoomHead {
  readonly room: string;
  readonly head: number;
  /** Messages since the last frame that told of it. */
  readonly count: number;
  readonly last: LastWords;
}

/** Decodes the fields of a `mark`, from a socket or an HTTP body. */
export function decodeMark(
  fields: Readonly<Record<string, unknown>>,
): Mark | MarkAll | Choose | Refusal {
  const { all, read, unread, follow, quietUntil } = fields;
  if (all === true) return { type: "mark", all };
  const { writers, block, done } = fields;
  if ([writers, block, done].some((each) => each !== undefined)) return decodeChoice(fields);
  const room = typeof fields["room"] === "string" ? roomName(fields["room"]) : null;
  if (room === null) return new Refusal("noSuchRoom");
  if (read !== undefined && !isSeq(read)) return new Refusal("messageNumber", { name: "read" });
  if (unread !== undefined && !isSeq(unread)) {
    return new Refusal("messageNumber", { name: "unread" });
  }
  if (follow !== undefined && typeof follow !== "boolean") {
    return new Refusal("boolean", { name: "follow" });
  }
  const level = NOTICE_LEVELS.find((each) => each === fields["level"]);
  if (fields["level"] !== undefined && level === undefined) {
    return new Refusal("oneOf", { name: "level", values: NOTICE_LEVELS.join(", ") });
  }
  if (quietUntil !== undefined && quietUntil !== 0 && !isSeq(quietUntil)) {
    return new Refusal("wholeNumber", { name: "quietUntil" });
  }
  return {
    type: "mark",
    room,
    ...(read === undefined ? {} : { read }),
    ...(unread === undefined ? {} : { unread }),
    ...(follow === undefined ? {} : { follow }),
    ...(level === undefined ? {} : { level }),
    ...(quietUntil === undefined ? {} : { quietUntil }),
  };
}

/** UTF-16 units of an item's id, in which a room's name stands. */
const ITEM_LIMIT = 200;

function decodeChoice({
  writers,
  block,
  on = true,
  done,
}: Readonly<Record<string, unknown>>): Choose | Refusal {
  const known = WRITERS.find((each) => each === writers);
  if (writers !== undefined && known === undefined) {
    return new Refusal("oneOf", { name: "writers", values: WRITERS.join(", ") });
  }
  if (block !== undefined && !isId(block)) return new Refusal("noSuchPerson");
  if (typeof on !== "boolean") return new Refusal("boolean", { name: "on" });
  if (done !== undefined && (typeof done !== "string" || done.length > ITEM_LIMIT)) {
    return new Refusal("shortString", { name: "done", count: ITEM_LIMIT });
  }
  return {
    type: "mark",
    ...(known === undefined ? {} : { writers: known }),
    ...(block === undefined ? {} : { block, on }),
    ...(done === undefined ? {} : { done }),
  };
}

/**
 * Decodes the ids of a private talk's other people: at most `TALK_LIMIT` together with the asker.
 */
export function decodePeople(value: unknown): readonly string[] | Refusal {
  if (!Array.isArray(value) || value.length === 0) return new Refusal("whom");
  if (value.length >= TALK_LIMIT) return new Refusal("talkLimit", { count: TALK_LIMIT });
  return value.every(isId) ? [...new Set(value)] : new Refusal("noSuchPerson");
}

/** Of a person or a bot. Hooks and handlers have ids too, but no inbox: a talk with them is refused later. */
function isId(value: unknown): value is string {
  return typeof value === "string" && /^(?:bot:)?[\w-]{1,64}$/.test(value);
}

/** Decodes an inbox request. An invalid version counts as 0. */
export function decodeInboxRequest(
  type: InboxRequest["type"],
  fields: Readonly<Record<string, unknown>>,
): InboxRequest | Refusal {
  const { since } = fields;
  switch (type) {
    case "inbox":
      return { type, since: isSeq(since) ? since : 0 };
    case "mark":
      return decodeMark(fields);
    case "talk": {
      const people = decodePeople(fields["people"]);
      return people instanceof Refusal ? people : { type, people };
    }
  }
}
