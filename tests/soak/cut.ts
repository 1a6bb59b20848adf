/**
 * `bun test ./tests/soak/cut.ts`: a connection to PostgreSQL that was cut without a word, as a
 * firewall does: nothing is closed, nothing arrives. Some 40 seconds, most of them waiting.
 */
import { expect, test } from "bun:test";
import { openDatabase } from "../../lib/store/open.ts";
import { emptyDatabase } from "../support/servers/servers.ts";
import { silentWire } from "../support/servers/silent.ts";
import { append, say } from "../store/suite.ts";

test("is given up after 20 s, holds nobody else up meanwhile, and is replaced", async () => {
  await using database = await emptyDatabase();
  const url = new URL(database.url);
  const between = silentWire(Number(url.port || 5432));
  const [cut, other] = [
    await openDatabase(Object.assign(new URL(url), { port: `${between.port}` }).href, ""),
    await openDatabase(url.href, ""),
  ];
  await append(cut, say("room", "one"));
  between.cut();
  const started = performance.now();
  const waiting = append(cut, say("room", "two")).catch((fault: unknown) => String(fault));
  expect((await append(other, say("room", "three")))[0]?.seq).toBe(2);
  expect(performance.now() - started).toBeLessThan(6_000);
  expect(await waiting).toContain("PostgreSQL does not answer");
  expect(performance.now() - started).toBeLessThan(22_000);
  const [again] = await append(cut, say("room", "two"));
  expect(again?.seq).toBe(3);
  await Promise.all([cut.close(), other.close()]);
  between.close();
}, 60_000);
