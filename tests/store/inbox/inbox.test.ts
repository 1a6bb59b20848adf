import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../../lib/store/open.ts";
import { emptyDatabase, hasPostgres } from "../../support/servers/servers.ts";
import { inboxSuite } from "./suite.ts";

const data = mkdtempSync(join(tmpdir(), "chatroom-inbox-"));
const sqlite = await openDatabase(null, data);
afterAll(async () => {
  await sqlite.close();
  rmSync(data, { recursive: true });
});
inboxSuite("SQLite", () => sqlite);

if (await hasPostgres()) {
  const database = await emptyDatabase();
  const postgres = await openDatabase(database.url, "");
  afterAll(async () => {
    await postgres.close();
    await database[Symbol.asyncDispose]();
  });
  inboxSuite("PostgreSQL", () => postgres);
}
