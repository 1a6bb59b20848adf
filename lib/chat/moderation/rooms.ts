import { Refusal } from "../../model/base/errors.ts";
import type { Action } from "../../model/rooms/authorize.ts";
import { may } from "../../model/rooms/authorize.ts";
import type { Author, Role } from "../../model/people/person.ts";
import { atLeast } from "../../model/people/role.ts";
import {
  isDirectName,
  PIN_LIMIT,
  type RoomRules,
  SLOW_LIMIT,
  TOPIC_LIMIT,
} from "../../model/rooms/rules.ts";
import { characters } from "../../model/text/text.ts";
import {
  hashPassword,
  LINK_BYTES,
  newSecret,
  refusePassword,
  secretHash,
  verifyPassword,
} from "../accounts/secrets.ts";
import type { Doer, Moderate } from "./moderate.ts";
import type { Target } from "./finder.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** What of a room's rules a verb changes, the right it takes, and what it is called in the log. */
export interface RulesChange {
  readonly action: Action;
  readonly called: string;
  readonly about: string;
  readonly change: Partial<RoomRules>;
}

/** How rooms are kept: rules, who may come in, who looks after them. */
export class Rooms {
  constructor(
    readonly moderate: Moderate,
    readonly head: (room: string) => Promise<number>,
  ) {}

  /** Changes some of the rules. */
  async change(
    doer: Doer,
    { action, called, about, change }: RulesChange,
  ): Promise<Refusal | null> {
    const { now, records, tell } = this.moderate.parts;
    const refusal = may(doer.standing, action, now());
    if (refusal) return refusal;
    const wrong = refuseRules(change);
    if (wrong) return wrong;
    const entry = this.moderate.entry(doer, called, null, about);
    await records.keeping.changeRules(doer.room, change, entry);
    tell(doer.room, { action: "rules" });
    return null;
  }

  /**
   * Makes a room closed, or open again. A room nobody has written in yet belongs to whoever closes
   * it, who must have signed in; another only its owner or an administrator can close.
   */
  async close(
    doer: Doer,
    kind: "open" | "password" | "members",
    password: string,
    isSignedIn: boolean,
  ): Promise<Refusal | null> {
    const { now, records, tell } = this.moderate.parts;
    const { room, standing, author } = doer;
    if (isDirectName(room)) return new Refusal("not_allowed", "A conversation stays as it is.");
    const mayNot = may(standing, "own", now());
    if (mayNot) {
      const isNew = (await this.head(room)) === 0 && !(await records.keeping.rules(room));
      if (!isNew) return mayNot;
      if (!isSignedIn) return new Refusal("not_allowed", "Claim your name first, with a password.");
    }
    const wrong = kind === "password" ? refusePassword(password) : null;
    if (wrong) return wrong;
    const hash = kind === "password" ? await hashPassword(password) : null;
    if (!atLeast(standing.role, "owner")) {
      const owner = { id: author.id, name: author.name, role: "owner" } as const;
      await records.keeping.setMember(room, owner, null);
    }
    const entry = this.moderate.entry(doer, `room.${kind}`, null, "");
    await records.keeping.changeRules(room, { kind }, entry, hash);
    // Whoever knew the last password does not know this one.
    await records.keeping.removeGuests(room);
    tell(room, { action: "rules" });
    return null;
  }

  /** The key of a room for someone who gave its password; a refusal where it is not the password. */
  async unlock(room: string, password: string): Promise<string | Refusal> {
    const { keeping } = this.moderate.parts.records;
    const hash = await keeping.passwordOf(room);
    const isRight = await verifyPassword(password, hash);
    return isRight && hash !== null
      ? hash
      : new Refusal("not_allowed", "That is not the room's password.");
  }

  /** A link's secret: 128 bits, kept as a hash. `days` 1 to 90, `most` uses 1 to 1,000. */
  async invite(doer: Doer, days: number, most: number): Promise<string | Refusal> {
    const { now, records } = this.moderate.parts;
    const refusal = may(doer.standing, "invite", now());
    if (refusal) return refusal;
    if (isDirectName(doer.room)) return new Refusal("not_allowed", "This conversation is for two.");
    if (!isWhole(days, 1, 90) || !isWhole(most, 1, 1_000)) {
      return new Refusal("invalid", "A link lasts 1 to 90 days and lets in 1 to 1000 people.");
    }
    const token = newSecret(LINK_BYTES);
    const at = now();
    const invitation = { hash: secretHash(token), room: doer.room, by: doer.author, at };
    await records.keeping.invite(
      { ...invitation, expiresAt: at + days * DAY_MS, uses: 0, most, revokedAt: null },
      this.moderate.entry(doer, "invite", null, `${most} uses, ${days} days`),
    );
    return token;
  }

  /** Lets the bearer of a link into its room; resolves to the room's name. */
  async redeem(token: string, person: Author): Promise<string | Refusal> {
    const { now, records, tell } = this.moderate.parts;
    const hash = secretHash(token);
    const invitation = await records.keeping.invitation(hash);
    const member = { ...person, role: "guest" } as const;
    if (!invitation || !(await records.keeping.redeem(hash, member, now()))) {
      return new Refusal("not_found", "This invitation is not valid any more.");
    }
    tell(invitation.room, { action: "recheck", subjects: [`person:${person.id}`] });
    return invitation.room;
  }

  async revoke(doer: Doer, hash: string): Promise<Refusal | null> {
    const { now, records } = this.moderate.parts;
    const refusal = may(doer.standing, "invite", now());
    if (refusal) return refusal;
    await records.keeping.revoke(hash, this.moderate.entry(doer, "invite.revoke", null, ""));
    return null;
  }

  /** Names a moderator or a member of the room, or takes that away (`null`). */
  async name(doer: Doer, target: Target, role: Role | null): Promise<Refusal | null> {
    const { now, records, tell } = this.moderate.parts;
    const refusal = may(doer.standing, role === "member" ? "invite" : "own", now(), target.role);
    if (refusal) return refusal;
    if (target.isGuest && role !== null && role !== "guest") {
      return new Refusal("not_allowed", "A guest cannot be named: the name must be claimed first.");
    }
    const entry = this.moderate.entry(doer, "room.role", target, role ?? "none");
    if (role === null) await records.keeping.removeMember(doer.room, target.id, entry);
    else {
      const member = { id: target.id, name: target.name, role };
      await records.keeping.setMember(doer.room, member, entry);
    }
    tell(doer.room, { action: "recheck", subjects: [`person:${target.id}`] });
    return null;
  }

  /** Begins, or finds, the conversation between two; resolves to its room's name. */
  async direct(doer: Doer, target: Target): Promise<string | Refusal> {
    const { records, tell } = this.moderate.parts;
    const { author } = doer;
    if (author.id === target.id) return new Refusal("invalid", "That is you.");
    const pair = [author.id, target.id].sort().join(" ");
    const room = `direct-${secretHash(pair).slice(0, 32)}`;
    const { keeping } = records;
    if ((await keeping.rules(room)) === null) {
      const entry = { ...this.moderate.entry(doer, "direct", target, ""), room };
      for (const { id, name } of [author, target]) {
        await keeping.setMember(room, { id, name, role: "guest" }, null);
      }
      await keeping.changeRules(room, { kind: "direct" }, entry);
      tell(room, { action: "rules" });
    }
    return room;
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function refuseRules({
  topic,
  pins,
  slow,
  keepDays,
  keepCount,
}: Partial<RoomRules>): Refusal | null {
  if (topic !== undefined && characters(topic, TOPIC_LIMIT) > TOPIC_LIMIT) {
    return new Refusal("too_long", `A topic has at most ${TOPIC_LIMIT} characters.`);
  }
  if (pins !== undefined && pins.length > PIN_LIMIT) {
    return new Refusal("too_many", `A room has at most ${PIN_LIMIT} pinned messages.`);
  }
  if (slow !== undefined && !isWhole(slow, 0, SLOW_LIMIT)) {
    return new Refusal("invalid", `Slow mode is 0 to ${SLOW_LIMIT} seconds.`);
  }
  if (!isWhole(keepDays ?? 0, 0, 36_500) || !isWhole(keepCount ?? 0, 0, 10_000_000)) {
    return new Refusal("invalid", "How long to keep messages must be a whole number.");
  }
  return null;
}
