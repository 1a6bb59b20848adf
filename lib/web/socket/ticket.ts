import type { Cursor } from "../../chat/live/join.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { OPEN_ROOM } from "../../model/rooms/rules.ts";
import type { Language } from "../../model/text/locale.ts";

/** What an upgrade request asked for, and who sent it. It says nothing of what they may do. */
export interface Ticket {
  readonly room: string;
  /** The id of the person. */
  readonly person: string;
  /** The name they ask to be called; empty: none. */
  readonly name: string;
  /** `chat.v1`; otherwise plain text. */
  readonly json: boolean;
  readonly cursor: Cursor | null;
  /** Recent messages to begin with. */
  readonly recent: number;
  /** Whom the cap on sockets counts. */
  readonly network: string;
  /** The room's password hash they were checked against, where they gave the password. */
  readonly key: string | null;
  /** The version of their inbox they have, 0 for none; null: they do not ask for it. */
  readonly inbox: number | null;
  /** The hash of the session or token; null: not signed in. */
  readonly session: string | null;
  readonly language: Language;
  /** The base path, as an outsider opens it. */
  readonly base: string;
}

/** The access of someone that has not been read yet: none. */
export function outsider({ network }: Ticket): Access {
  const bannedUntil = Number.POSITIVE_INFINITY;
  const rest = { admitted: false, mutedUntil: 0, reason: "", rules: OPEN_ROOM, network };
  return { account: null, isSignedOut: false, role: "guest", bannedUntil, ...rest };
}
