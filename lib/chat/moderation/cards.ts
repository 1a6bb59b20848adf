import { type Action, authorize } from "../../model/rooms/authorize.ts";
import { Refusal } from "../../model/base/errors.ts";
import { type Author, authorOf, type Role } from "../../model/people/person.ts";
import { atLeast, rank, roleIn } from "../../model/people/role.ts";
import type { RoomRules } from "../../model/rooms/rules.ts";
import { personSubject, type Sanction } from "../../model/rooms/sanction.ts";
import {
  GIVEN_ROLES,
  type GivenRole,
  type PersonFrame,
  type RolesFrame,
  type SanctionInfo,
  type Verb,
} from "../../model/wire/moderation.ts";
import type { ConnectionDirectory, Finder, Target } from "./finder.ts";
import type { Actor, Moderate } from "./moderate.ts";

/** The most global moderators and administrators that are listed. */
const MOST_STAFF = 200;
const SANCTIONS = ["mute", "ban"] as const;

/** Describes people in a room, and what the asker may do to them. */
export class PersonCards {
  constructor(
    readonly moderate: Moderate,
    readonly finder: Finder,
    readonly directory: ConnectionDirectory,
    /** Whether someone is in a room, on any node. */
    readonly isHere: (room: string, person: string) => boolean,
  ) {}

  async of(asker: Actor, id: string): Promise<PersonFrame | Refusal> {
    const { room, access } = asker;
    const { records, now } = this.moderate.deps;
    const target = await this.finder.byId(id, room, access.rules);
    if (target instanceof Refusal) return target;
    const [account, membership, inForce] = await Promise.all([
      records.accounts.byId(id),
      records.rooms.membership(room, id),
      records.sanctions.inForce([personSubject(id)], room, now()),
    ]);
    const card = {
      type: "person",
      ...authorOf(id, target.name),
      role: target.role,
      isGuest: target.isGuest,
      isHere: this.isHere(room, id),
      ...(account ? { since: account.createdAt } : {}),
    } as const;
    const sanctions = this.#may(asker, "mute") ? { sanctions: inForce.map(sanctionInfo) } : {};
    const roles = this.#roles(asker, target, membership?.role ?? null);
    const may = await this.#verbs(asker, target, inForce);
    if (roles.length > 0) may.push("role");
    return {
      ...card,
      ...sanctions,
      may,
      ...(roles.length > 0 ? { roles } : {}),
      ...(may.includes("ban") && access.role === "admin" ? { everywhere: true } : {}),
      ...(may.includes("ban") ? this.#sharing(target) : {}),
    };
  }

  /** People with a role above member, in the room or everywhere. */
  async roles(room: string, { kind }: RoomRules): Promise<RolesFrame> {
    const { accounts, rooms } = this.moderate.deps.records;
    const [members, staff] = await Promise.all([rooms.members(room), accounts.staff(MOST_STAFF)]);
    const everywhere = new Map(staff.map(({ id, role }) => [id, role]));
    const here = new Map(members.map(({ id, role }) => [id, role]));
    const ids = new Set([...everywhere.keys(), ...here.keys()]);
    const all = [...ids].map((id) => {
      const own = everywhere.get(id) ?? "guest";
      return [id, roleIn(kind, own, here.get(id) ?? null)] as const;
    });
    const above = all.filter(([, role]) => atLeast(role, "moderator"));
    return { type: "roles", roles: Object.fromEntries(above) };
  }

  async #verbs(asker: Actor, target: Target, inForce: readonly Sanction[]): Promise<Verb[]> {
    const { id, role } = target;
    if (id === asker.author.id) return [];
    const verbs: Verb[] = [];
    for (const what of SANCTIONS) {
      if (this.#may(asker, what, target)) verbs.push(what);
      if (!this.#may(asker, what)) continue;
      const own = inForce.filter((each) => each.what === what && this.#reaches(asker, each));
      const ranks = await Promise.all(own.map((each) => this.moderate.imposedAs(each, asker)));
      const isLiftable = ranks.every((each) => rank(each) <= rank(asker.access.role));
      if (own.length > 0 && isLiftable) verbs.push(`un${what}`);
    }
    if (this.#may(asker, "kick", { role })) verbs.push("kick");
    if (this.#may(asker, "delete-any", { role })) verbs.push("delete-all");
    return verbs;
  }

  /** Whether the asker can lift the sanction from this room. */
  #reaches({ room, access }: Actor, sanction: Sanction): boolean {
    return sanction.room === room || access.role === "admin";
  }

  /** The roles that the asker may give someone whose own role in this room is `own`. */
  #roles(asker: Actor, target: Target, own: Role | null): readonly GivenRole[] {
    if (target.id === asker.author.id) return [];
    const { kind } = asker.access.rules;
    const isOf: Readonly<Record<GivenRole, boolean>> = {
      // Removes their role in the room.
      guest: own !== null,
      // In an open room, members have no more rights than others.
      member: own === "moderator" || (kind !== "open" && own !== "member" && !target.isGuest),
      moderator: !atLeast(target.role, "moderator") && !target.isGuest,
    };
    return GIVEN_ROLES.filter(
      (role) => isOf[role] && this.#may(asker, role === "member" ? "invite" : "own", target),
    );
  }

  #sharing({ id, network }: Target): { readonly sharing?: number } {
    if (network === null) return {};
    return { sharing: this.directory.guestsAt(network).filter((each) => each !== id).length };
  }

  #may({ access }: Actor, action: Action, target?: Pick<Target, "role">): boolean {
    return authorize(access, action, this.moderate.deps.now(), target?.role) === null;
  }
}

export function sanctionInfo(sanction: Sanction): SanctionInfo {
  const { what, reason, by, at, until, room } = sanction;
  return { what, reason, by, at, until, everywhere: room === "" };
}

/** The person under a personal sanction. */
export function sanctionedPerson({ subject, name }: Sanction): Author {
  return authorOf(subject.slice("person:".length), name);
}
