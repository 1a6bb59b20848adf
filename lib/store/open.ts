import { join } from "node:path";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import type { Database } from "./database.ts";
import { openPostgres } from "./postgres.ts";
import { explain } from "./postgres-errors.ts";
import { openRecords } from "./records.ts";
import { openSqlite } from "./sqlite.ts";
import { openStore } from "./store.ts";

/** The log, and what is known beside it in the same database. */
export interface Opened extends Store {
  readonly records: Records;
}

/**
 * Opens the store of a database URL (`sqlite:PATH` or `postgres://…`), or of the file in the data
 * folder where there is none. Rejects with a message for the operator.
 */
export async function openDatabase(url: string | null, data: string): Promise<Opened> {
  if (url === null || url.startsWith("sqlite:")) {
    const path = url === null ? join(data, "chatroom.db") : url.replace(/^sqlite:(?:\/\/)?/, "");
    return open(openSqlite(path));
  }
  const db = await openPostgres(url);
  try {
    return await open(db);
  } catch (fault) {
    await db.close();
    throw explain(fault, url);
  }
}

/** The store first: it brings the schema up to date. */
async function open(db: Database): Promise<Opened> {
  return { ...(await openStore(db)), records: openRecords(db) };
}
