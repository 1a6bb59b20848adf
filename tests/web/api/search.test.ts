import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { openDatabase } from "../../../lib/store/open.ts";
import { guest, join } from "../../support/people/client.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";

setDefaultTimeout(60_000);

const MESSAGES = 40_000;

/** A folder with a room in which a search for one letter has much to look at. */
async function largeRoom(): Promise<string> {
  const folder = await temporaryFolder();
  const store = await openDatabase(null, folder);
  const author = { id: "ada", name: "Ada" };
  for (let at = 0; at < MESSAGES; at += 2_000) {
    const drafts = Array.from({ length: 2_000 }, (_, index) => {
      const id = `${at + index}`;
      const text = `a${at + index} a${(at + index) * 7} a${(at + index) * 11}`;
      return { type: "message", room: "large", id, author, text, at: 1 } as const;
    });
    await store.append(drafts);
  }
  while (await store.index(2_000));
  await store.close();
  return folder;
}

function search(server: Server, room: string, question: string, cookie = "") {
  const url = new URL(`api/v1/rooms/${room}/messages`, server.url);
  url.searchParams.set("q", question);
  return fetch(url, { headers: { cookie } });
}

describe("a search", () => {
  let data: string;
  let server: Server;
  beforeAll(async () => {
    data = await largeRoom();
    server = await Server.start({ data, args: ["--limits", "off"] });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(data, { recursive: true });
  });

  test("keeps nobody else waiting: others are answered while it goes on", async () => {
    const bob = await join(server, "elsewhere");
    // So that the thread has started.
    await search(server, "large", "a1");
    let isOver = false;
    const found = Promise.all(["a", "a", "a", "a"].map((each) => search(server, "large", each)));
    void found.then(() => (isOver = true));
    let answered = 0;
    while (!isOver) {
      await bob.fence();
      answered += 1;
    }
    expect((await found).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    // On the server's own thread there would be one between two searches: five.
    expect(answered).toBeGreaterThan(20);
    await bob.close();
  });

  test("of more than 1,000 characters is too long", async () => {
    const answer = await search(server, "large", "a".repeat(1_001));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: "too_long" } });
  });
});

test("searches are limited by network, whoever asks from there", async () => {
  await using server = await Server.start();
  const cookies = await Promise.all(Array.from({ length: 4 }, () => guest(server)));
  const statuses: number[] = [];
  for (let count = 0; count < 40; count += 1) {
    const answer = await search(server, "some", "a", cookies[count % cookies.length]);
    statuses.push(answer.status);
    if (answer.status === 429) expect(answer.headers.get("retry-after")).toBe("1");
  }
  expect(statuses.slice(0, 30)).toEqual(new Array(30).fill(200));
  expect(statuses).toContain(429);
});
