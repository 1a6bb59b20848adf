import { join } from "node:path";
import type { Store } from "../model/store.ts";
import { openSqlite } from "./sqlite.ts";
import { openStore } from "./store.ts";

/**
 * Opens the store of a database URL (`sqlite:PATH`), or of the file in the data folder where there
 * is none. Rejects with a message for the operator.
 */
export async function openDatabase(url: string | null, data: string): Promise<Store> {
  const path = url === null ? join(data, "chatroom.db") : url.replace(/^sqlite:(?:\/\/)?/, "");
  return openStore(openSqlite(path));
}
