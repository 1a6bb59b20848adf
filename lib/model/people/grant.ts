import type { Role } from "./person.ts";

/** What a token may allow: reading, writing, moderating, and everything an administrator may do. */
export const SCOPES = ["read", "post", "moderate", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What a token allows its bot. */
export interface Grant {
  /** At least one. `admin` includes the others. */
  readonly scopes: readonly Scope[];
  /** The rooms the token is valid in; empty: all. */
  readonly rooms: readonly string[];
}

/** A token as it is listed. Its secret is not stored. */
export interface BotToken extends Grant {
  /** The hash of the secret, which identifies the token. */
  readonly hash: string;
  readonly bot: { readonly id: string; readonly name: string };
  readonly createdAt: number;
  /** Milliseconds since 1970 of the last use, accurate to an hour; 0: never used. */
  readonly usedAt: number;
}

/** The prefix of every token, by which leaked ones can be found. */
export const TOKEN_PREFIX = "chatroom_";

export function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value);
}

export function allows({ scopes }: Pick<Grant, "scopes">, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** The role that a token gives its bot. Limited to some rooms, `admin` makes it their owner and no more. */
export function roleOf({ scopes, rooms }: Grant): Role {
  if (scopes.includes("admin")) return rooms.length === 0 ? "admin" : "owner";
  return scopes.includes("moderate") ? "moderator" : "member";
}

/** The scopes of a grant in one room; none if it is not valid there. */
export function scopesIn({ scopes, rooms }: Grant, room: string): readonly Scope[] {
  return rooms.length === 0 || rooms.includes(room) ? scopes : [];
}
