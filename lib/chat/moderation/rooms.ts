import { Refusal } from "../../model/base/errors.ts";
import type { Action } from "../../model/rooms/authorize.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import type { Author, Role } from "../../model/people/person.ts";
import type { AuditEntry } from "../../model/people/audit.ts";
import type { RoomChange, RoomState } from "../../model/rooms/room-records.ts";
import {
  isDirectName,
  PIN_LIMIT,
  type RoomRules,
  SLOW_LIMIT,
  TOPIC_LIMIT,
} from "../../model/rooms/rules.ts";
import { characters } from "../../model/text/text.ts";
import { isWhole } from "../../model/wire/check.ts";
import {
  hashPassword,
  LINK_BYTES,
  newSecret,
  refusePassword,
  secretHash,
  verifyPassword,
} from "../accounts/secrets.ts";
import type { RateLimits } from "../limits/limits.ts";
import { type Actor, type Moderate, NO_MESSAGE } from "./moderate.ts";
import type { Target } from "./finder.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A change of a room's rules, the right it requires, and its name in the audit log. */
export interface RulesChange {
  readonly action: Action;
  readonly called: string;
  readonly about: string;
  /** A function if the new rules depend on the present ones. */
  readonly change: Partial<RoomRules> | ((rules: RoomRules) => Partial<RoomRules>);
}

/** The rules of rooms, their members and invitations. */
export class Rooms {
  constructor(
    readonly moderate: Moderate,
    readonly head: (room: string) => Promise<number>,
    readonly limits: Pick<RateLimits, "authAttempts" | "claims">,
  ) {}

  /** Changes some of the rules. */
  async change(
    actor: Actor,
    { action, called, about, change }: RulesChange,
  ): Promise<Refusal | null> {
    const refusal = authorize(actor.access, action, this.moderate.deps.now());
    if (refusal) return refusal;
    const entry = this.moderate.entry(actor, called, null, about);
    return this.#change(actor.room, entry, ({ rules: present }) => {
      const rules = typeof change === "function" ? change(present) : change;
      return refuseRules(rules) ?? { rules };
    });
  }

  /**
   * Closes a room, or opens it again. A room without messages becomes the property of whoever
   * closes it, who must be signed in; any other is closed only by its owner or an administrator.
   */
  async close(
    actor: Actor,
    kind: "open" | "password" | "members",
    password: string,
  ): Promise<Refusal | null> {
    const { room, access, author } = actor;
    if (isDirectName(room)) return new Refusal("conversationFixed");
    const mayNot = authorize(access, "own", this.moderate.deps.now());
    if (mayNot) {
      const { rooms } = this.moderate.deps.records;
      if ((await this.head(room)) > 0 || (await rooms.rules(room))) return mayNot;
      if (!access.account) return new Refusal("claimFirst");
    }
    const wrong = kind === "password" ? refusePassword(password) : null;
    if (wrong) return wrong;
    const slow = mayNot && this.#countClaim(actor);
    if (slow) return slow;
    const hash = kind === "password" ? await hashPassword(password) : null;
    const owner = { id: author.id, name: author.name, role: "owner" } as const;
    const entry = this.moderate.entry(actor, `room.${kind}`, null, "");
    const decide = ({ isNew }: RoomState) => {
      if (mayNot && !isNew) return mayNot;
      // People admitted by the previous password are removed.
      const change = { rules: { kind }, password: hash, removesGuests: true };
      return mayNot ? { ...change, members: [owner] } : change;
    };
    return this.#change(room, entry, decide, "everything");
  }

  #countClaim({ author, access }: Actor): Refusal | null {
    const { people, networks } = this.limits.claims;
    return people.consume(author.id) ?? networks.consume(access.network);
  }

  /** The stored password hash of a room, for someone who gave the password; otherwise a refusal. */
  async unlock(room: string, password: string, network: string): Promise<string | Refusal> {
    const slow = this.limits.authAttempts.consume(network);
    if (slow) return slow;
    const { rooms: keeping } = this.moderate.deps.records;
    const hash = await keeping.passwordOf(room);
    const isRight = await verifyPassword(password, hash);
    return isRight && hash !== null ? hash : new Refusal("wrongRoomPassword");
  }

  /** Creates a link: 128 random bits, stored as a hash. `days` 1 to 90, `most` uses 1 to 1,000. */
  async invite(actor: Actor, days: number, most: number): Promise<string | Refusal> {
    const { now, records } = this.moderate.deps;
    const refusal = authorize(actor.access, "invite", now());
    if (refusal) return refusal;
    if (isDirectName(actor.room)) return new Refusal("conversationForTwo");
    if (!isWhole(days, 1, 90) || !isWhole(most, 1, 1_000)) {
      return new Refusal("linkRange");
    }
    const token = newSecret(LINK_BYTES);
    const at = now();
    const invitation = { hash: secretHash(token), room: actor.room, by: actor.author, at };
    await records.rooms.invite(
      { ...invitation, expiresAt: at + days * DAY_MS, uses: 0, most, revokedAt: null },
      this.moderate.entry(actor, "invite", null, `${most} uses, ${days} days`),
    );
    return token;
  }

  /** Admits whoever has the link; resolves to the room's name. */
  async redeem(token: string, person: Author): Promise<string | Refusal> {
    const { now, records, broadcast: tell } = this.moderate.deps;
    const hash = secretHash(token);
    const invitation = await records.rooms.invitation(hash);
    const member = { ...person, role: "guest" } as const;
    if (!invitation || !(await records.rooms.redeem(hash, member, now()))) {
      return new Refusal("invitationVoid");
    }
    await tell(invitation.room, { action: "recheck", subjects: [`person:${person.id}`] });
    return invitation.room;
  }

  async revoke(actor: Actor, hash: string): Promise<Refusal | null> {
    const { now, records } = this.moderate.deps;
    const refusal = authorize(actor.access, "invite", now());
    if (refusal) return refusal;
    await records.rooms.revoke(hash, this.moderate.entry(actor, "invite.revoke", null, ""));
    return null;
  }

  /** Pins a message, in front of the other pins, or removes its pin. */
  async pin(actor: Actor, seq: number, on: boolean): Promise<Refusal | null> {
    if (on && !(await this.moderate.message(actor.room, seq))) return NO_MESSAGE;
    const called = on ? "room.pin" : "room.unpin";
    const change = ({ pins }: RoomRules) => {
      const others = pins.filter((pin) => pin !== seq);
      return { pins: on ? [seq, ...others] : others };
    };
    return this.change(actor, { action: "pin", called, about: `#${seq}`, change });
  }

  /** Gives someone a role in the room, or removes it (`null`). */
  async name(actor: Actor, target: Target, role: Role | null): Promise<Refusal | null> {
    const { now, records, broadcast: tell, tellInboxes } = this.moderate.deps;
    const refusal = authorize(
      actor.access,
      role === "member" ? "invite" : "own",
      now(),
      target.role,
    );
    if (refusal) return refusal;
    if (target.isGuest && role !== null && role !== "guest") {
      return new Refusal("guestNamed");
    }
    const entry = this.moderate.entry(actor, "room.role", target, role ?? "none");
    if (role === null) await records.rooms.removeMember(actor.room, target.id, entry);
    else {
      const member = { id: target.id, name: target.name, role };
      tellInboxes(await records.rooms.setMember(actor.room, member, entry));
    }
    await tell(actor.room, { action: "recheck", subjects: [`person:${target.id}`] });
    await tell(actor.room, { action: "roles" });
    return null;
  }

  /** Changes a room, and announces it to every node. */
  async #change(
    room: string,
    entry: AuditEntry,
    decide: (state: RoomState) => RoomChange | Refusal | null,
    action: "rules" | "everything" = "rules",
  ): Promise<Refusal | null> {
    const { records, broadcast } = this.moderate.deps;
    const refusal = await records.rooms.changeRoom(room, decide, entry);
    if (!refusal) await broadcast(room, { action });
    return refusal;
  }
}

function refuseRules({
  topic,
  pins,
  slow,
  keepDays,
  keepCount,
}: Partial<RoomRules>): Refusal | null {
  if (topic !== undefined && characters(topic, TOPIC_LIMIT) > TOPIC_LIMIT) {
    return new Refusal("topicTooLong", { count: TOPIC_LIMIT });
  }
  if (pins !== undefined && pins.length > PIN_LIMIT) {
    return new Refusal("pinLimit", { count: PIN_LIMIT });
  }
  if (slow !== undefined && !isWhole(slow, 0, SLOW_LIMIT)) {
    return new Refusal("slowRange", { count: SLOW_LIMIT });
  }
  if (!isWhole(keepDays ?? 0, 0, 36_500) || !isWhole(keepCount ?? 0, 0, 10_000_000)) {
    return new Refusal("howKeepNumber");
  }
  return null;
}
