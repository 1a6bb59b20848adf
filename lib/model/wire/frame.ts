import type { ErrorCode } from "../base/errors.ts";
import { Refusal } from "../base/errors.ts";
import type { Message, RoomEvent } from "./event.ts";
import { MOST_FILES } from "../files/file.ts";
import { fits, isEmoji, isSeq, isShort, SHORT } from "./check.ts";
import { decodeModeration } from "./decode-moderation.ts";
import { decodeInboxRequest, type InboxAnswer, type InboxRequest } from "./inbox.ts";
import type { ModerationFrame, ModerationRequest } from "./moderation.ts";
import type { Limits } from "./limits.ts";
import { HISTORY_LIMIT } from "./limits.ts";
import type { Author, Person } from "../people/person.ts";
import type { CommandLine } from "../rooms/commands.ts";
import type { RoomAbout } from "../rooms/rules.ts";

/** The subprotocol of the JSON frames. */
export const PROTOCOL = "chat.v1";

interface Asked {
  /** Up to 64 characters, returned in the reply. */
  readonly ref?: string;
}

export interface Send extends Asked {
  readonly type: "send";
  readonly id: string;
  readonly text: string;
  readonly replyTo?: number;
  readonly files?: readonly string[];
}
export interface Edit extends Asked {
  readonly type: "edit";
  readonly seq: number;
  readonly text: string;
}
export interface Delete extends Asked {
  readonly type: "delete";
  readonly seq: number;
}
export interface React extends Asked {
  readonly type: "react";
  readonly seq: number;
  readonly emoji: string;
  readonly on: boolean;
}
export interface History extends Asked {
  readonly type: "history";
  readonly before: number;
  readonly limit: number;
}
export interface Typing extends Asked {
  readonly type: "typing";
}
export interface Read extends Asked {
  readonly type: "read";
  readonly seq: number;
}
export interface Ping extends Asked {
  readonly type: "ping";
}
type RoomRequest = Send | Edit | Delete | React | History | Typing | Read | Ping;
export type ClientFrame = RoomRequest | ((InboxRequest | ModerationRequest) & Asked);

export interface Welcome {
  readonly type: "welcome";
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly you: Person;
  readonly people: readonly Author[];
  readonly count: number;
  readonly limits: Limits;
  /** The room's rules, if it has any of its own. */
  readonly about?: RoomAbout;
  /** How far they have read; only where they ask for their inbox, and follow the room. */
  readonly read?: number;
  /** The commands of handlers that you may use here; only where there are some. */
  readonly commands?: readonly CommandLine[];
  readonly recovered: boolean;
  /** With `recovered: true`: every event since, in order. */
  readonly events?: readonly RoomEvent[];
  /** With `recovered: false`: the last messages as they now stand, oldest first. */
  readonly messages?: readonly Message[];
}
export interface Presence {
  readonly type: "presence";
  readonly joined?: readonly Author[];
  readonly left?: readonly Author[];
  readonly count: number;
}
export interface PersonTyping {
  readonly type: "typing";
  readonly person: Author;
}
export interface PersonRead {
  readonly type: "read";
  readonly person: Author;
  readonly seq: number;
}
export interface HistoryPage extends Asked {
  readonly type: "history";
  readonly messages: readonly Message[];
  readonly more: boolean;
}
export interface ErrorFrame extends Asked {
  readonly type: "error";
  readonly code: ErrorCode;
  readonly message: string;
  /** The `id` of the message that was refused. */
  readonly id?: string;
  readonly retryAfterMs?: number;
}
/** An answer for one person, of a handler or a command. Not stored, so it has no `seq`. */
export interface Notice {
  readonly type: "notice";
  readonly author: Author;
  readonly text: string;
  readonly at: number;
  /** The `id` of the `send` that was a command; no message of this `id` follows. */
  readonly id?: string;
  readonly ref?: string;
}
/** The room's rules have changed. */
export interface AboutRoom extends RoomAbout {
  readonly type: "room";
}
export interface Pong extends Asked {
  readonly type: "pong";
}
export type ServerFrame =
  | Welcome
  | RoomEvent
  | Presence
  | PersonTyping
  | PersonRead
  | HistoryPage
  | ErrorFrame
  | Notice
  | AboutRoom
  | InboxAnswer
  | (ModerationFrame & Asked)
  | Pong;

const MOST_FRAMES = 64;

/** Ids of a message's files: at most ten, without repetition. */
export function isFiles(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_FILES) return false;
  return value.every(isShort) && new Set(value).size === value.length;
}

/** A refused frame keeps what the answer must name: the client's `ref`, and its message's `id`. */
export interface BadFrame {
  readonly refusal: Refusal;
  readonly ref?: string;
  readonly id?: string;
}

/**
 * Decodes the objects in one text frame of `chat.v1`; each is valid or refused by itself. Unknown
 * fields are ignored. `text` is only checked to be a string; `refuseText` checks the rest.
 */
export function decodeFrames(data: string): readonly (ClientFrame | BadFrame)[] {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return [{ refusal: new Refusal("frameJson") }];
  }
  if (!Array.isArray(json)) return [decodeFrame(json)];
  if (json.length === 0 || json.length > MOST_FRAMES) {
    return [{ refusal: new Refusal("frameArray", { count: MOST_FRAMES }) }];
  }
  return json.map(decodeFrame);
}

function decodeFrame(json: unknown): ClientFrame | BadFrame {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { refusal: new Refusal("frameObject") };
  }
  const fields: Record<string, unknown> = { ...json };
  const { ref, id } = fields;
  const named = isShort(id) ? { id } : {};
  if (ref !== undefined && !(typeof ref === "string" && fits(ref))) {
    return { refusal: new Refusal("shortString", { name: "ref", count: SHORT }), ...named };
  }
  const body = decodeBody(fields);
  if (!(body instanceof Refusal)) return ref === undefined ? body : { ...body, ref };
  return { refusal: body, ...(ref === undefined ? {} : { ref }), ...named };
}

function decodeBody(fields: Record<string, unknown>): ClientFrame | Refusal {
  const { type, seq } = fields;
  switch (type) {
    case "send":
      return decodeSend(fields);
    case "edit":
      if (!isSeq(seq)) return new Refusal("messageNumber", { name: "seq" });
      if (typeof fields["text"] !== "string") return new Refusal("string", { name: "text" });
      return { type, seq, text: fields["text"] };
    case "delete":
    case "read":
      if (!isSeq(seq)) return new Refusal("messageNumber", { name: "seq" });
      return { type, seq };
    case "react": {
      const { emoji, on } = fields;
      if (!isSeq(seq)) return new Refusal("messageNumber", { name: "seq" });
      if (typeof emoji !== "string" || !isEmoji(emoji)) {
        return new Refusal("oneEmoji");
      }
      if (typeof on !== "boolean") return new Refusal("boolean", { name: "on" });
      return { type, seq, emoji, on };
    }
    case "history": {
      const { before, limit } = fields;
      if (!isSeq(before)) return new Refusal("messageNumber", { name: "before" });
      if (!isSeq(limit) || limit > HISTORY_LIMIT) {
        return new Refusal("range", { name: "limit", least: 1, most: HISTORY_LIMIT });
      }
      return { type, before, limit };
    }
    case "typing":
    case "ping":
      return { type };
    case "inbox":
    case "mark":
    case "talk":
      return decodeInboxRequest(type, fields);
    default:
      return decodeModeration(type, fields);
  }
}

function decodeSend(fields: Record<string, unknown>): Send | Refusal {
  const { id, text, replyTo, files } = fields;
  if (!isShort(id)) return new Refusal("idString", { count: SHORT });
  if (typeof text !== "string") return new Refusal("string", { name: "text" });
  if (replyTo !== undefined && !isSeq(replyTo)) {
    return new Refusal("messageNumber", { name: "replyTo" });
  }
  if (files === undefined) {
    return replyTo === undefined ? { type: "send", id, text } : { type: "send", id, text, replyTo };
  }
  if (!isFiles(files)) return new Refusal("fileIds", { count: MOST_FILES });
  return { type: "send", id, text, files, ...(replyTo === undefined ? {} : { replyTo }) };
}
