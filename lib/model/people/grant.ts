import type { Role } from "./person.ts";

/** What a token can allow: reading, writing, keeping order, and all that an administrator may do. */
export const SCOPES = ["read", "post", "moderate", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What one token allows its bot. */
export interface Grant {
  /** At least one. `admin` includes the others. */
  readonly scopes: readonly Scope[];
  /** The only rooms it is good for; empty: every room. */
  readonly rooms: readonly string[];
}

/** A token as it is listed. Its secret is not kept. */
export interface BotToken extends Grant {
  /** The hash of its secret, by which it is named and found. */
  readonly hash: string;
  readonly bot: { readonly id: string; readonly name: string };
  readonly createdAt: number;
  /** When it was last used, to the hour; 0: never. */
  readonly usedAt: number;
}

/** Every secret of a token begins with this, so that a leaked one is recognised. */
export const TOKEN_PREFIX = "chatroom_";

export function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value);
}

export function allows({ scopes }: Pick<Grant, "scopes">, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** What a bot is in every room by its token. */
export function roleOf({ scopes }: Pick<Grant, "scopes">): Role {
  if (scopes.includes("admin")) return "admin";
  return scopes.includes("moderate") ? "moderator" : "member";
}

/** The scopes of a grant in one room: none where it is not good for that room. */
export function scopesIn({ scopes, rooms }: Grant, room: string): readonly Scope[] {
  return rooms.length === 0 || rooms.includes(room) ? scopes : [];
}
