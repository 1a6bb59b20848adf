import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(30_000);

/** As large as a body may be; normalizing it took the server more than ten seconds. */
const MARKS = "\u0315\u0300".repeat(60_000);
/** Of a frame of 64 KiB: more than a second. */
const FRAME = "\u0315\u0300".repeat(15_000);
/** Milliseconds, far below what each of these took, and far above what a busy machine needs. */
const LIMIT_MS = 700;

describe("a text that is hard to read stops nobody", () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Milliseconds until the server answers someone else, asked while it works on `request`. */
  async function waiting(request: Promise<unknown>): Promise<number> {
    const started = performance.now();
    await request;
    await fetch(new URL("healthz", server.url));
    return performance.now() - started;
  }
  const post = (path: string, body: BodyInit, type: string) =>
    fetch(new URL(path, server.url), {
      method: "POST",
      headers: { "content-type": type },
      body,
      redirect: "manual",
    });

  test("the form of one's name", async () => {
    const body = `name=${encodeURIComponent(MARKS.slice(0, 40_000))}`;
    const answer = post("me", body, "application/x-www-form-urlencoded");
    expect(await waiting(answer)).toBeLessThan(LIMIT_MS);
    expect((await answer).status).toBe(413);
  });

  test("`name` of the API", async () => {
    const body = JSON.stringify({ text: "hello", name: MARKS });
    const answer = post("api/v1/rooms/marks/messages", body, "application/json");
    expect(await waiting(answer)).toBeLessThan(LIMIT_MS);
    expect((await answer).status).toBe(413);
  });

  test("`username` of a hook is not even looked at before its token", async () => {
    const body = JSON.stringify({ text: "hello", username: MARKS });
    expect(await waiting(post("hooks/none", body, "application/json"))).toBeLessThan(LIMIT_MS);
  });

  test("commands", async () => {
    const ada = await join(server, "marks");
    for (const command of ["/nick", "/kick", "/unban", "/topic", "/close password"]) {
      const started = performance.now();
      ada.say(`${command} ${FRAME}`);
      await ada.next("error");
      expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    }
    await ada.close();
  });

  test("messages of line breaks", async () => {
    const ada = await join(server, "breaks");
    const started = performance.now();
    // Each took 0.3 seconds.
    for (let count = 0; count < 10; count += 1) await ada.post(`x${"\n".repeat(7_988)}x*`);
    expect(performance.now() - started).toBeLessThan(2 * LIMIT_MS);
    await ada.close();
  });

  test("a message, its index and a search for it", async () => {
    const ada = await join(server, "marks");
    const text = `word ${FRAME.slice(0, 7_900)}`;
    const { seq } = await ada.post(text);
    const started = performance.now();
    const question = encodeURIComponent("word");
    const url = new URL(`api/v1/rooms/marks/messages?q=${question}`, server.url);
    const found = await (await fetch(url)).json();
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    expect(found).toMatchObject({ messages: [{ seq }] });
    await ada.close();
  });
});
