import type { Access } from "../../model/rooms/authorize.ts";
import type { Person } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { roleIn } from "../../model/people/role.ts";
import { isDirectName, OPEN_ROOM, type RoomRules } from "../../model/rooms/rules.ts";
import { isPersonal, type Sanction, subjectsOf } from "../../model/rooms/sanction.ts";

/** Who asks to be somewhere. `role` is what they are everywhere; `guest`: not signed in. */
export interface Principal {
  readonly person: Person;
  readonly network: string;
  /** The room's stored password hash they were checked against, where they gave the password. */
  readonly key: string | null;
}

/** Reads from the database what `may` has to know of someone in a room. */
export class AccessLookup {
  constructor(
    readonly records: Records,
    readonly now: () => number,
    /** Is told of a room's rules whenever they are read for someone. */
    readonly onRules: (room: string, rules: RoomRules) => void,
  ) {}

  /** How a room is kept; a conversation between two that nobody has begun is nobody's. */
  async rules(room: string): Promise<RoomRules> {
    const rules = await this.records.rooms.rules(room);
    if (rules) return rules;
    return isDirectName(room) ? { ...OPEN_ROOM, kind: "direct" } : OPEN_ROOM;
  }

  async of({ person, network, key }: Principal, room: string): Promise<Access> {
    const { rooms: keeping, sanctions } = this.records;
    const isGuest = person.role === "guest";
    const [rules, inForce, membership] = await Promise.all([
      this.rules(room),
      sanctions.inForce(subjectsOf({ id: person.id, isGuest }, network), room, this.now()),
      keeping.membership(room, person.id),
    ]);
    this.onRules(room, rules);
    const knows =
      key !== null && rules.kind === "password" && (await keeping.passwordOf(room)) === key;
    const role = roleIn(rules.kind, person.role, membership?.role ?? null);
    // Whom someone gave a role is not taken for whoever else comes from their address.
    const own = role === "guest" ? inForce : inForce.filter(isPersonal);
    const bans = own.filter(({ what }) => what === "ban");
    const mutes = own.filter(({ what }) => what === "mute");
    return {
      role,
      admitted: membership !== null || knows,
      bannedUntil: latest(bans),
      mutedUntil: latest(mutes),
      reason: (bans.length > 0 ? bans : mutes).find(({ reason }) => reason !== "")?.reason ?? "",
      rules,
      network,
    };
  }
}

function latest(sanctions: readonly Sanction[]): number {
  return Math.max(0, ...sanctions.map(({ until }) => until ?? Number.POSITIVE_INFINITY));
}
