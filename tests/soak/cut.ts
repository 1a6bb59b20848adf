/**
 * `bun test ./tests/soak/cut.ts`: a connection to PostgreSQL that was cut without a word, as a
 * firewall does: nothing is closed, nothing arrives. Some 40 seconds, most of them waiting.
 */
import { expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { openDatabase } from "../../lib/store/open.ts";
import { emptyDatabase } from "../support/servers.ts";
import { append, say } from "../store/suite.ts";

/** Passes bytes on until it is cut; then it swallows those of the connections it has. */
function wire(port: number) {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.pipe(far);
    far.pipe(near);
    pairs.add([near, far]);
  });
  server.listen(0, "127.0.0.1");
  return {
    get port(): number {
      const address = server.address();
      return typeof address === "object" && address ? address.port : 0;
    },
    cut() {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    close: () => server.close(),
  };
}

test("is given up after 20 s, holds nobody else up meanwhile, and is replaced", async () => {
  await using database = await emptyDatabase();
  const url = new URL(database.url);
  const between = wire(Number(url.port || 5432));
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
