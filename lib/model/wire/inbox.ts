import type { InboxItem, InboxRoom, LastWords, NoticeLevel } from "../inbox/inbox.ts";
import { NOTICE_LEVELS } from "../inbox/inbox.ts";
import { Refusal } from "../base/errors.ts";
import { roomName } from "../rooms/room.ts";

/** Asks for the inbox on this socket, from now on: all of it, or what changed since a version. */
export interface OpenInbox {
  readonly type: "inbox";
  readonly since: number;
}

/** Changes what the inbox holds of one room. */
export interface Mark {
  readonly type: "mark";
  readonly room: string;
  /** Read as far as this `seq`; never back. */
  readonly read?: number;
  /** This `seq` and what follows is unread again. */
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

export type InboxRequest = OpenInbox | Mark | MarkAll;

/** What is different in the inbox. Rooms and items that are not in it are as they were. */
export interface InboxFrame {
  readonly type: "inbox";
  /** Where to go on from; absent where only the heads of rooms moved. */
  readonly version?: number;
  /** It is everything: what is not in it is not in the inbox. */
  readonly full?: true;
  readonly rooms?: readonly (InboxRoom | LeftRoom | RoomHead)[];
  readonly items?: readonly InboxItem[];
  readonly ref?: string;
}
/** A room that is not followed any more, or may not be entered. */
export interface LeftRoom {
  readonly room: string;
  readonly followed: false;
}
/** A followed room has a message more. */
export interface RoomHead {
  readonly room: string;
  readonly head: number;
  readonly last: LastWords;
}

function isSeq(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

/** The fields of a `mark`, from a socket or an HTTP body. */
export function decodeMark(fields: Readonly<Record<string, unknown>>): Mark | MarkAll | Refusal {
  const { all, read, unread, follow, quietUntil } = fields;
  if (all === true) return { type: "mark", all };
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
    return new Refusal("noticeLevel", { levels: NOTICE_LEVELS.join(", ") });
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

/** What a client asks of its inbox. A version that makes no sense is none. */
export function decodeInboxRequest(
  type: InboxRequest["type"],
  fields: Readonly<Record<string, unknown>>,
): InboxRequest | Refusal {
  if (type === "mark") return decodeMark(fields);
  const { since } = fields;
  return { type, since: isSeq(since) ? since : 0 };
}
