import type { Role } from "./person.ts";

/** From lowest to highest; each includes the rights of those before it. */
export const ROLES = ["guest", "member", "moderator", "owner", "admin"] as const;

export function rank(role: Role): number {
  return ROLES.indexOf(role);
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/** Whether `role` is `least` or higher. */
export function atLeast(role: Role, least: Role): boolean {
  return rank(role) >= rank(least);
}

/**
 * A person's role in a room: the higher of their global role and their role there. Global roles do
 * not apply in private talks.
 */
export function roleIn(
  kind: "open" | "password" | "members" | "direct",
  everywhere: Role,
  here: Role | null,
): Role {
  const own = here ?? "guest";
  if (kind === "direct") return own === "guest" ? own : "member";
  // A moderator of every room has no role in a members' room; an administrator does.
  const reach = kind === "members" && everywhere === "moderator" ? "member" : everywhere;
  return rank(own) > rank(reach) ? own : reach;
}
