import type { Account } from "../../model/people/account.ts";
import { scopesIn } from "../../model/people/grant.ts";
import type { Author, Role } from "../../model/people/person.ts";
import { atLeast, roleIn } from "../../model/people/role.ts";
import type { Records } from "../../model/records.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { isDirectName, OPEN_ROOM, type RoomRules } from "../../model/rooms/rules.ts";
import {
  isPersonal,
  networkSubject,
  personSubject,
  type Sanction,
} from "../../model/rooms/sanction.ts";

/** Who asks for access: only what identifies them. Their rights are looked up. */
export interface Principal {
  readonly person: Pick<Author, "id">;
  /** The hash of their session or token; null for guests. */
  readonly session: string | null;
  readonly network: string;
  /** The stored password hash of the room that their password matched, if any. */
  readonly key: string | null;
}

/** Reads what someone may do from the database. Every entrance asks it. */
export class AccessLookup {
  constructor(
    readonly records: Records,
    readonly now: () => number,
    /** Called with a room's rules whenever they are read. */
    readonly onRules: (room: string, rules: RoomRules) => void,
  ) {}

  /** The rules of a room. A private talk that has not begun belongs to nobody. */
  async rules(room: string): Promise<RoomRules> {
    const own: RoomRules = isDirectName(room) ? { ...OPEN_ROOM, kind: "direct" } : OPEN_ROOM;
    const rules = (await this.records.rooms.rules(room)) ?? own;
    this.onRules(room, rules);
    return rules;
  }

  async of({ person, session, network, key }: Principal, room: string): Promise<Access> {
    const { accounts, rooms, sanctions } = this.records;
    const subjects = [personSubject(person.id), networkSubject(network)];
    const [account, rules, inForce, membership] = await Promise.all([
      session === null ? null : accounts.bySession(session, this.now()),
      this.rules(room),
      sanctions.inForce(subjects, room, this.now()),
      rooms.membership(room, person.id),
    ]);
    const knows =
      key !== null && rules.kind === "password" && (await rooms.passwordOf(room)) === key;
    const isTalk = rules.kind === "direct" && membership !== null;
    const isRefused = isTalk && (await this.records.inbox.isRefused(room, person.id));
    const grant = account?.grant;
    const scopes = grant && scopesIn(grant, room);
    const granted = membership?.role ?? null;
    // A token allows no more than its scopes, whatever role its bot has in the room.
    const isCapped = grant !== undefined && !atLeast(account?.role ?? "guest", "moderator");
    const here = isCapped && granted !== null && atLeast(granted, "member") ? "member" : granted;
    const role = roleIn(rules.kind, account?.role ?? "guest", here);
    // A network is shared, so its sanctions do not apply to people with an account, or a role in
    // the room.
    const own = account || role !== "guest" ? inForce.filter(isPersonal) : inForce;
    const bans = own.filter(({ what }) => what === "ban");
    const mutes = own.filter(({ what }) => what === "mute");
    return {
      account,
      isSignedOut: session !== null && account === null,
      role,
      admitted: membership !== null || knows,
      bannedUntil: latest(bans),
      mutedUntil: latest(mutes),
      reason: (bans.length > 0 ? bans : mutes).find(({ reason }) => reason !== "")?.reason ?? "",
      rules,
      network,
      isRefused,
      ...(scopes && { scopes }),
    };
  }

  /**
   * The access of a program whose token is for this room: admitted by an administrator, and bound
   * by the room's rules like a member.
   */
  async ofProgram(id: string, room: string): Promise<Access> {
    const rules = await this.rules(room);
    const free = { admitted: true, bannedUntil: 0, mutedUntil: 0, reason: "" };
    return { account: null, isSignedOut: false, role: "member", ...free, rules, network: id };
  }

  /** A person's role in a room, present or not. */
  async standing(
    id: string,
    room: string,
    { kind }: RoomRules,
  ): Promise<{ readonly account: Account | null; readonly role: Role }> {
    const { accounts, rooms } = this.records;
    const [account, membership] = await Promise.all([
      accounts.byId(id),
      rooms.membership(room, id),
    ]);
    return { account, role: roleIn(kind, account?.role ?? "guest", membership?.role ?? null) };
  }
}

function latest(sanctions: readonly Sanction[]): number {
  return Math.max(0, ...sanctions.map(({ until }) => until ?? Number.POSITIVE_INFINITY));
}
