import type { AuditEntry } from "./audit.ts";
import type { Author } from "./person.ts";

/** Lets a program post into one room under one name. Only the hash of its secret is stored. */
export interface Token {
  readonly hash: string;
  readonly room: string;
  /** The name its messages have, unless they bring their own. */
  readonly name: string;
  readonly by: Author;
  readonly at: number;
}

export interface Tokens {
  create(token: Token, entry: AuditEntry): Promise<void>;
  find(hash: string): Promise<Token | null>;
  /** Removes the token; it stops working at once. */
  remove(hash: string, entry: AuditEntry): Promise<void>;
  /** Newest first. `query` is a substring of the name or the room. */
  list(query: string, offset: number, limit: number): Promise<readonly Token[]>;
}
