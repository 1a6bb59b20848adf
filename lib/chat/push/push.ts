import { Refusal } from "../../model/base/errors.ts";
import { type InboxRecords, LAST_WORDS } from "../../model/inbox/inbox.ts";
import {
  isEndpoint,
  type Notice,
  type PushCall,
  type PushSubscription,
  type PushSubscriptions,
} from "../../model/outbound/push.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { isDirectName, roomPath, talkPath } from "../../model/rooms/rules.ts";
import type { Store } from "../../model/store.ts";
import { oneLine } from "../../model/text/one-line.ts";
import { secretHash } from "../accounts/secrets.ts";
import type { AccessLookup, Principal } from "../moderation/access.ts";

export interface PushSettings {
  /** The public key by which push services know this chat, base64url. */
  readonly key: string;
  /** Hosts of the push services that are used; none: no notices are sent. */
  readonly hosts: readonly string[];
}

export interface PushDeps extends PushSettings {
  readonly subscriptions: PushSubscriptions;
  readonly inbox: Pick<InboxRecords, "standing" | "talkPeople">;
  readonly store: Pick<Store, "after">;
  readonly accessLookup: AccessLookup;
  readonly now: () => number;
}

/** What a browser gives to be sent notices. */
export type NewSubscription = Pick<PushSubscription, "endpoint" | "p256dh" | "auth" | "showsText">;

/** Notices for people who are not here, on the browsers they chose. */
export class Push {
  constructor(readonly deps: PushDeps) {}

  /** Empty: none are sent. */
  get key(): string {
    return this.deps.hosts.length === 0 ? "" : this.deps.key;
  }

  async subscribe(
    { person: { id: person }, session, network }: Principal,
    { endpoint, p256dh, auth, showsText }: NewSubscription,
  ): Promise<Refusal | null> {
    const { hosts, subscriptions, now } = this.deps;
    if (!isEndpoint(endpoint, hosts)) return new Refusal("pushService");
    const keys = { p256dh, auth, showsText };
    const id = secretHash(endpoint);
    await subscriptions.add({ id, person, session, network, endpoint, ...keys, at: now() });
    return null;
  }

  async unsubscribe({ person }: Principal, endpoint: string): Promise<void> {
    await this.deps.subscriptions.remove(secretHash(endpoint), person.id);
  }

  /**
   * What a browser is to show of a message, as it stands now; null: nothing. Nothing is shown of
   * what was read, of rooms that are quiet or may not be entered, and of deleted messages.
   */
  async notice(
    { person: id, session, network, showsText }: PushSubscription,
    { room, seq }: PushCall,
  ): Promise<Notice | null> {
    const { inbox, store, accessLookup, now } = this.deps;
    const standing = await inbox.standing(id, room);
    if (!standing || standing.read >= seq || standing.quietUntil > now()) return null;
    if (standing.level === "none") return null;
    const principal = { person: { id }, session, network, key: null };
    const access = await accessLookup.of(principal, room);
    if (access.isSignedOut || authorize(access, "enter", now())) return null;
    const { messages } = await store.after(room, seq - 1, 1);
    const message = messages.find((each) => each.seq === seq && !each.deleted);
    if (!message) return null;
    const { name } = message.author;
    const body = showsText ? oneLine(message, LAST_WORDS) : "";
    if (!isDirectName(room)) return { title: `${name} · ${room}`, body, path: roomPath(room) };
    return { title: name, body, path: talkPath(await inbox.talkPeople(room, id)) };
  }
}
