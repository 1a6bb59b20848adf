/** A column's value, as a parameter or a result. */
export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

/** The message ids taken by each author in each room, which make sending idempotent. */
export interface Ids {
  /**
   * Claims an id. Returns true if it was certainly free; otherwise `find` it. If the database's
   * insert skips taken ids, the result may always be true.
   */
  claim(key: string): boolean;
  /** The `seq` of the message that took it, or null. */
  find(room: number, author: string, id: string): Promise<number | null>;
  /** Call for each inserted message, in the same transaction. */
  took(key: string, seq: number): void;
}

/** The key of an id. No part contains U+0000. */
export function idKey(room: number, author: string, id: string): string {
  return `${room}\0${author}\0${id}`;
}

/**
 * SQL for both kinds of database: parameters are `?1`, `?2` …, integers up to 2^53 are numbers,
 * JSON is text. Differences are confined to the adapters.
 */
export interface Queries {
  readonly kind: "sqlite" | "postgres";
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /**
   * Inserts the rows in order in one statement, skipping those that violate a unique constraint.
   * Resolves to the number inserted.
   */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<number>;
  /** The existing rooms of these names, locked in the order of their names to avoid deadlocks. */
  lockRooms(names: readonly string[]): Promise<readonly Row[]>;
  /** Sets the last `seq` of each room, by its id. */
  advanceRooms(rooms: readonly { readonly id: number; readonly seq: number }[]): Promise<void>;
  readonly ids: Ids;
  /**
   * Call in a transaction that deletes or replaces what people wrote. On SQLite the old text leaves
   * the files some seconds after the commit, or with `close`.
   */
  erases(): void;
  /** Appended to a SELECT in a transaction, locks its rows against other nodes. */
  readonly forUpdate: string;
}

/**
 * Runs a writing statement in a transaction of its own. It must be idempotent, since it runs again
 * if its outcome is unknown. `tries`: how often it ran.
 */
export type Repeatable = (
  sql: string,
  values: readonly Value[],
) => Promise<{ readonly rows: readonly Row[]; readonly tries: number }>;

/** Queries outside a transaction may only read. */
export interface Database extends Pick<Queries, "all" | "kind"> {
  /** Like `all`, for a read that may take long; other work continues meanwhile. */
  readonly slow: Queries["all"];
  /**
   * Commits all of it or, if `work` rejects, nothing. When it resolves, it is on disk. `patient`:
   * statements have no time limit. `urgent`: runs before all other work that waits.
   */
  transaction<T>(
    work: (tx: Queries) => Promise<T>,
    options?: { readonly patient?: boolean; readonly urgent?: boolean },
  ): Promise<T>;
  /** Null if a single statement has no advantage, as in an embedded database. */
  readonly repeatable: Repeatable | null;
  close(): Promise<void>;
}

/** The elements of the JSON array of texts in parameter `?1`: one statement for any length. */
export const TEXTS: Readonly<Record<Database["kind"], string>> = {
  sqlite: `SELECT value FROM json_each(?1)`,
  postgres: `SELECT json_array_elements_text(?1::text::json)`,
};

/** The same for pairs of texts. */
export const PAIRS: Readonly<Record<Database["kind"], string>> = {
  sqlite: `SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?1)`,
  postgres: `SELECT pair ->> 0, pair ->> 1 FROM json_array_elements(?1::text::json) AS pair`,
};

export function asNumber(value: unknown): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new TypeError("the database holds no whole number here");
  return number;
}

export function asText(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("the database holds no text here");
  return value;
}
