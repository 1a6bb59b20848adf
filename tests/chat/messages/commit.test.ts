import { afterAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { Committer } from "../../../lib/chat/messages/commit.ts";
import { Refusal } from "../../../lib/model/base/errors.ts";
import type { Appended, Draft } from "../../../lib/model/store.ts";
import { openDatabase } from "../../../lib/store/open.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

const QUIET = { log: () => undefined, count: () => undefined, time: () => undefined };
const folder = await temporaryFolder();
const store = await openDatabase(null, folder);
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const message = (room: string, id: string): Draft => ({
  ...{ type: "message", room, id, text: "said", at: 1 },
  author: { id: "ada", name: "Ada" },
});

/** Submits a draft; resolves to what became of it. */
function submit(committer: Committer, draft: Draft): Promise<Appended | Refusal> {
  return new Promise((resolve) => {
    committer.submit(draft, { settled: (_, result) => resolve(result) }, undefined);
  });
}

test("a message that was sent again is answered by itself; no other room waits for it", async () => {
  const delivery = Promise.withResolvers<void>();
  const publish = () => undefined;
  const committer = new Committer(store, publish, QUIET, Date.now, () => delivery.promise);
  await submit(committer, message("here", "first"));
  const again = submit(committer, message("here", "first"));
  const other = await submit(committer, message("there", "second"));
  expect(other).toMatchObject({ again: false, event: { seq: 1 } });
  const drained = committer.drain().then(() => "drained");
  expect(
    await Promise.race([again, drained, submit(committer, message("there", "third"))]),
  ).toMatchObject({
    again: false,
  });
  delivery.resolve();
  expect(await again).toMatchObject({ again: true, event: { seq: 1, id: "first" } });
  expect(await drained).toBe("drained");
});
