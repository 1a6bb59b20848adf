/** What goes into and comes out of a column. */
export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

/** Which ids the messages of an author in a room have taken: what makes sending idempotent. */
export interface Ids {
  /**
   * Marks an id, and says whether it certainly was not taken before: where not, `find` it. A
   * database whose insert passes over taken ids may always say so.
   */
  claim(key: string): boolean;
  /** The `seq` of the message that took it, or null. */
  find(room: number, author: string, id: string): Promise<number | null>;
  /** To be called for each message that was inserted, in the same transaction. */
  took(key: string, seq: number): void;
}

/** What `Ids` knows an id by; U+0000 stands in none of its parts. */
export function idKey(room: number, author: string, id: string): string {
  return `${room}\0${author}\0${id}`;
}

/**
 * One SQL for both kinds of database: parameters are `?1`, `?2` …, whole numbers up to 2^53 are
 * numbers, JSON is text. What the two kinds do differently is in their adapters alone.
 */
export interface Queries {
  readonly kind: "sqlite" | "postgres";
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /**
   * Inserts the rows in order, passing over each that breaks a uniqueness. Resolves to how many
   * were inserted. Costs one statement, however many rows.
   */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<number>;
  /** The rooms of these names that exist, locked in the order of their names: no deadlock. */
  lockRooms(names: readonly string[]): Promise<readonly Row[]>;
  /** Says how far each room has come, by its id. */
  advanceRooms(rooms: readonly { readonly id: number; readonly seq: number }[]): Promise<void>;
  readonly ids: Ids;
  /**
   * To be called in a transaction that deletes or replaces what people wrote: on SQLite it leaves the
   * database's files some seconds after the commit, or with `close`.
   */
  erases(): void;
  /** Appended to a SELECT inside a transaction, keeps other nodes from changing these rows. */
  readonly forUpdate: string;
}

/**
 * Runs a statement that writes, in a transaction of its own. Doing it twice must be the same as
 * doing it once: it is run again where nobody knows what became of it. `tries` is how often it ran.
 */
export type Repeatable = (
  sql: string,
  values: readonly Value[],
) => Promise<{ readonly rows: readonly Row[]; readonly tries: number }>;

/** Queries outside a transaction only read. */
export interface Database extends Pick<Queries, "all" | "kind"> {
  /** As `all`, for a read that may take long: everything else goes on meanwhile. */
  readonly slow: Queries["all"];
  /**
   * All of it or, where `work` rejects, nothing. When it resolves, it is on disk. `patient`: no
   * statement is given up, however long it takes.
   */
  transaction<T>(
    work: (tx: Queries) => Promise<T>,
    options?: { readonly patient?: boolean },
  ): Promise<T>;
  /** Null where one statement saves nothing: the database is in this process. */
  readonly repeatable: Repeatable | null;
  close(): Promise<void>;
}

/** The texts of a list that is passed as the parameter `?1`, in JSON: one statement for any length. */
export const TEXTS: Readonly<Record<Database["kind"], string>> = {
  sqlite: `SELECT value FROM json_each(?1)`,
  postgres: `SELECT json_array_elements_text(?1::text::json)`,
};

/** Likewise, of a list of pairs of texts. */
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
