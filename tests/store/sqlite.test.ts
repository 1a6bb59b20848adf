import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../lib/store/open.ts";
import { storeSuite } from "./suite.ts";

const data = mkdtempSync(join(tmpdir(), "chatroom-store-"));
const store = await openDatabase(null, data);
afterAll(async () => {
  await store.close();
  rmSync(data, { recursive: true });
});
storeSuite("SQLite", () => store);
