import { looksAlike } from "../../model/people/skeleton.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Principal } from "../../chat/moderation/access.ts";
import type { Actor } from "../../chat/moderation/moderate.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Files } from "../../model/files/files.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Records } from "../../model/records.ts";
import { refuseEntry } from "../../model/rooms/authorize.ts";
import type { Store } from "../../model/store.ts";
import { type Context, principalOf } from "../http/context.ts";
import type { Sockets } from "../socket/sockets.ts";

/** What the operations of the HTTP API depend on. */
export interface ApiDeps {
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  readonly chat: Chat;
  readonly sockets: Sockets;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** The caller, with their name. */
export interface Caller extends Principal {
  readonly person: Author;
}

/**
 * Identifies the caller: the bot of the token, or the person of the cookie, unless another site's
 * page sent it. Otherwise a guest that stands for the network, so that a script that repeats an
 * `id` is the same author.
 */
export function callerOf(context: Context): Caller | Refusal {
  const { entry, isKnown, network, sessions } = context;
  if (entry === "refused") return new Refusal("crossSite");
  if (entry === "person" && isKnown) return { ...principalOf(context), person: context.person };
  return { person: sessions.guestOf(network), session: null, network, key: null };
}

/** The caller, if they have a cookie or a token; a network is not a person. */
export function personOf(context: Context): Caller | Refusal {
  const { entry, isKnown, person } = context;
  if (entry === "refused") return new Refusal("crossSite");
  if (entry !== "person" || !isKnown) return new Refusal("noInbox");
  return { ...principalOf(context), person };
}

/** Counts one read of the caller, or refuses it. */
export function countRead(caller: Caller, { chat }: Pick<ApiDeps, "chat">): Refusal | null {
  return chat.limits.reads.consume({ person: caller.person.id, network: caller.network });
}

/** The caller in a room, under a name that nobody else there has; refused if they may not enter. */
export async function actorIn(
  caller: Caller,
  room: string,
  { chat, now }: Pick<ApiDeps, "chat" | "now">,
): Promise<Actor | Refusal> {
  const access = await chat.moderation.accessLookup.of(caller, room);
  const door = refuseEntry(access, now());
  if (door) return door.refusal;
  const asked = authorOf(caller.person.id, caller.person.name);
  return { author: await speakerOf(asked, room, access, chat), room, access };
}

/** The author a caller posts as: an owned name stays, another is numbered if it is taken. */
export async function speakerOf(
  asked: Author,
  room: string,
  { account }: Pick<Actor["access"], "account">,
  { live }: Pick<Chat, "live">,
): Promise<Author> {
  const isTheirs = account !== null && looksAlike(asked.name, account.name);
  return isTheirs ? asked : live.names.speaker(room, asked);
}
