import type { Cursor } from "../../chat/live/join.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { OPEN_ROOM } from "../../model/rooms/rules.ts";
import type { Language } from "../../model/text/locale.ts";

/** What an upgrade request asked for, and who sent it. Holds no rights. */
export interface Ticket {
  readonly room: string;
  /** The id of the person. */
  readonly person: string;
  /** The requested name; empty: none. */
  readonly name: string;
  /** Whether it speaks `chat.v1`; otherwise plain text. */
  readonly json: boolean;
  readonly cursor: Cursor | null;
  /** The number of recent messages to start with. */
  readonly recent: number;
  /** The network that the socket counts against. */
  readonly network: string;
  /** The stored password hash that the given password matched, if any. */
  readonly key: string | null;
  /** The version of the inbox the client has, 0 for none; null: the inbox is not requested. */
  readonly inbox: number | null;
  /** The hash of the session or token; null: not signed in. */
  readonly session: string | null;
  readonly language: Language;
  /** The base path as the client opened it. */
  readonly base: string;
}

/** Nobody's access, until it is read. */
export function outsider({ network }: Ticket): Access {
  const bannedUntil = Number.POSITIVE_INFINITY;
  const rest = { admitted: false, mutedUntil: 0, reason: "", rules: OPEN_ROOM, network };
  return { account: null, isSignedOut: false, role: "guest", bannedUntil, ...rest };
}
