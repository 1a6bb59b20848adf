import type { Role } from "./person.ts";

/** From the least to the most; each may do what those before it may. */
export const ROLES = ["guest", "member", "moderator", "owner", "admin"] as const;

export function rank(role: Role): number {
  return ROLES.indexOf(role);
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/** Whether `role` is `least` or more. */
export function atLeast(role: Role, least: Role): boolean {
  return rank(role) >= rank(least);
}

/**
 * What someone is in one room: the higher of what they are everywhere and what they are there. A
 * conversation between two is theirs alone: nobody's role reaches into it.
 */
export function roleIn(
  kind: "open" | "password" | "members" | "direct",
  everywhere: Role,
  here: Role | null,
): Role {
  const own = here ?? "guest";
  if (kind === "direct") return own === "guest" ? own : "member";
  // Who keeps order in the open rooms has no business in a closed one; an administrator has.
  const reach = kind === "members" && everywhere === "moderator" ? "member" : everywhere;
  return rank(own) > rank(reach) ? own : reach;
}
