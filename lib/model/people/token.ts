import type { AuditEntry } from "./audit.ts";
import type { Author } from "./person.ts";

/** Lets a program post into one room under one name. The secret is not kept, only its hash. */
export interface Token {
  readonly hash: string;
  readonly room: string;
  /** What its messages are signed with, unless they bring a name. */
  readonly name: string;
  readonly by: Author;
  readonly at: number;
}

export interface Tokens {
  create(token: Token, entry: AuditEntry): Promise<void>;
  find(hash: string): Promise<Token | null>;
  /** From then on it is as if it had never been. */
  remove(hash: string, entry: AuditEntry): Promise<void>;
  /** Newest first. `query` is a part of the name or the room. */
  list(query: string, offset: number, limit: number): Promise<readonly Token[]>;
}
