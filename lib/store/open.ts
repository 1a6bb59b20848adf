import { join } from "node:path";
import type { Store } from "../model/store.ts";
import { openPostgres } from "./postgres.ts";
import { explain } from "./postgres-errors.ts";
import { openSqlite } from "./sqlite.ts";
import { openStore } from "./store.ts";

/**
 * Opens the store of a database URL (`sqlite:PATH` or `postgres://…`), or of the file in the data
 * folder where there is none. Rejects with a message for the operator.
 */
export async function openDatabase(url: string | null, data: string): Promise<Store> {
  if (url === null || url.startsWith("sqlite:")) {
    const path = url === null ? join(data, "chatroom.db") : url.replace(/^sqlite:(?:\/\/)?/, "");
    return openStore(openSqlite(path));
  }
  const db = await openPostgres(url);
  try {
    return await openStore(db);
  } catch (fault) {
    await db.close();
    throw explain(fault, url);
  }
}
