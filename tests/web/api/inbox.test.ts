import { afterAll, describe, expect, test } from "bun:test";
import { guest, join } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

const server = await Server.start({ args: ["--limits", "off"] });
afterAll(() => server[Symbol.asyncDispose]());

const address = new URL("api/v1/inbox", server.url);
const read = async (cookie: string, query = "") =>
  (await fetch(`${address}${query}`, { headers: { cookie } })).json();
const mark = (cookie: string, body: object) =>
  fetch(address, {
    method: "POST",
    headers: { cookie, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Someone who spoke in the room once, and was answered. */
async function away(room: string): Promise<string> {
  const cookie = await guest(server);
  const client = await join(server, room, { cookie, name: "Bob", inbox: 0 });
  await client.post("hello");
  await client.next("inbox", ({ rooms = [] }) => rooms.length > 0);
  await client.close();
  const other = await join(server, room, { name: "Ada", history: 0 });
  await other.post("hello Bob");
  await other.close();
  return cookie;
}

/** The data of server-sent events, in their order. */
async function* eventsOf(response: Response) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const records = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = records.pop() ?? "";
    for (const record of records) {
      const data = /^data: (.*)$/m.exec(record)?.[1];
      const id = /^id: (.*)$/m.exec(record)?.[1];
      if (data !== undefined) yield { id, ...JSON.parse(data) };
    }
  }
}

describe("GET and POST /api/v1/inbox", () => {
  test("tell what is unread, and mark it as read", async () => {
    const cookie = await away("api-inbox");
    const before = await read(cookie);
    expect(before).toMatchObject({
      ...{ type: "inbox", full: true },
      rooms: [{ room: "api-inbox", read: 1, head: 2, unread: 1, last: { text: "hello Bob" } }],
    });
    expect((await mark(cookie, { room: "api-inbox", read: 2 })).status).toBe(204);
    expect((await read(cookie)).rooms).toMatchObject([{ read: 2, unread: 0 }]);
    expect(await read(cookie, `?since=${before.version}`)).toMatchObject({
      version: before.version + 1,
      rooms: [{ room: "api-inbox", read: 2 }],
    });
    expect((await mark(cookie, { room: "api-inbox", unread: 2 })).status).toBe(204);
    expect((await mark(cookie, { all: true })).status).toBe(204);
    expect((await read(cookie)).rooms).toMatchObject([{ unread: 0 }]);
  });

  test("refuse what makes no sense, and who comes without a cookie", async () => {
    const cookie = await guest(server);
    for (const body of [{}, { room: "a b" }, { room: "a", read: -1 }, { room: "a", level: "x" }]) {
      expect((await mark(cookie, body)).ok).toBe(false);
    }
    expect((await mark("", { all: true })).status).toBe(403);
    expect(await (await fetch(address)).json()).toMatchObject({ error: { code: "not_allowed" } });
    const form = { method: "POST", headers: { cookie }, body: "all=true" };
    expect((await fetch(address, form)).status).toBe(415);
  });

  test("go on as server-sent events, also from a version", async () => {
    const cookie = await away("api-stream");
    const end = new AbortController();
    const stream = async (headers: Record<string, string> = {}) =>
      eventsOf(
        await fetch(`${address}/events`, {
          headers: { cookie, ...headers },
          signal: end.signal,
        }),
      );
    const events = await stream();
    const { value: first } = await events.next();
    expect(first).toMatchObject({ full: true, rooms: [{ room: "api-stream", unread: 1 }] });
    const ada = await join(server, "api-stream", { name: "Ada" });
    await ada.post("more");
    expect((await events.next()).value).toMatchObject({
      rooms: [{ room: "api-stream", head: 3, last: { text: "more" } }],
    });
    await mark(cookie, { room: "api-stream", read: 3 });
    const { value: read } = await events.next();
    expect(read).toMatchObject({ rooms: [{ read: 3, unread: 0 }] });
    const again = await stream({ "last-event-id": String(read?.id) });
    expect((await again.next()).value).toMatchObject({ version: read?.version, rooms: [] });
    end.abort();
  });
});
