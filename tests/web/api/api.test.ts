import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

function address(room: string, rest: string): string {
  return new URL(`api/v1/rooms/${encodeURIComponent(room)}/${rest}`, server.url).href;
}
function post(room: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(address(room, "messages"), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
async function read(room: string, query = "") {
  const response = await fetch(address(room, `messages${query}`));
  return { status: response.status, body: await response.json() };
}

describe("POST messages", () => {
  test("answers 201 with the message, which everyone in the room is sent", async () => {
    const ada = await join(server, "post", { name: "ada" });
    const response = await post("post", { text: "你好", id: "one", name: "bot" });
    expect(response.status).toBe(201);
    const message = await response.json();
    expect(message).toMatchObject({ type: "message", seq: 1, id: "one", text: "你好" });
    expect(await ada.next("message")).toEqual(message);
    await ada.close();
  });

  test("answers 200 with the same message for an id already taken", async () => {
    const first = await (await post("twice", { text: "once", id: "same" })).json();
    const again = await post("twice", { text: "other words", id: "same" });
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(first);
    expect((await read("twice")).body.messages).toHaveLength(1);
  });

  test.each([
    ["no JSON", "nonsense", 400, "invalid"],
    ["no text", { id: "x" }, 400, "invalid"],
    ["text that is a number", { text: 1 }, 400, "invalid"],
    ["empty text", { text: " " }, 400, "invalid"],
    ["too much text", { text: "x".repeat(8_001) }, 413, "too_long"],
    ["an id of 65 characters", { text: "x", id: "x".repeat(65) }, 400, "invalid"],
    ["a name nobody can see", { text: "x", name: "\u200b" }, 400, "invalid"],
    ["an array", [], 400, "invalid"],
  ])("refuses %s", async (_, body, status, code) => {
    const response = await post("refusals", body);
    expect(response.status).toBe(status);
    expect((await response.json()).error.code).toBe(code);
    expect((await read("refusals")).body.messages).toEqual([]);
  });

  test("refuses a form, which another site's page could send", async () => {
    const response = await post("refusals", "text=x", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(response.status).toBe(415);
  });

  test("refuses a room name that is none", async () => {
    expect((await post("a b", { text: "x" })).status).toBe(404);
  });

  test("takes 20 at once from one address, then asks to wait", async () => {
    await using limited = await Server.start();
    const url = new URL("api/v1/rooms/fast/messages", limited.url);
    const send = () =>
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"text":"x"}',
      });
    const answers = await Promise.all(Array.from({ length: 25 }, send));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 201));
    expect(statuses.at(-1)).toBe(429);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("GET messages", () => {
  beforeAll(async () => {
    for (let at = 1; at <= 7; at += 1) await post("pages", { text: `${at}` });
  });
  const seqs = ({ body }: { body: { messages: { seq: number }[] } }) =>
    body.messages.map(({ seq }) => seq);

  test("gives the last ones, oldest first, and says whether there are more", async () => {
    const page = await read("pages", "?limit=3");
    expect(seqs(page)).toEqual([5, 6, 7]);
    expect(page.body.more).toBe(true);
  });

  test("pages backwards with `before` and forwards with `after`", async () => {
    expect(seqs(await read("pages", "?limit=3&before=5"))).toEqual([2, 3, 4]);
    expect(seqs(await read("pages", "?limit=3&before=2"))).toEqual([1]);
    expect(seqs(await read("pages", "?limit=3&after=2"))).toEqual([3, 4, 5]);
    expect((await read("pages", "?limit=3&after=4")).body.more).toBe(false);
  });

  test("is empty for a room that does not exist", async () => {
    expect((await read("nowhere")).body).toMatchObject({ messages: [], more: false });
  });

  test.each([
    "?limit=0",
    "?limit=101",
    "?limit=x",
    "?before=-1",
    "?before=1&after=1",
    "?q=x&after=1",
  ])("refuses %s", async (query) => {
    const { status, body } = await read("pages", query);
    expect(status).toBe(400);
    expect(body.error.code).toBe("invalid");
  });
});

describe("GET messages?q=", () => {
  const found = async (room: string, question: string, more = "") => {
    const { body } = await read(room, `?q=${encodeURIComponent(question)}${more}`);
    return body.messages.map(({ text }: { text: string }) => text);
  };
  beforeAll(async () => {
    for (const text of ["这可能是真的", "Hello, World!", "a hello and a WORLD", "１２３ 图书馆"]) {
      await post("library", { text });
    }
    await post("elsewhere", { text: "hello world" });
  });

  test("finds Chinese words of one, two and more characters, wherever they stand", async () => {
    expect(await found("library", "可能")).toEqual(["这可能是真的"]);
    expect(await found("library", "真")).toEqual(["这可能是真的"]);
    expect(await found("library", "图书馆")).toEqual(["１２３ 图书馆"]);
    expect(await found("library", "能可")).toEqual([]);
  });

  test("finds words by their beginning, in any case and width, in this room alone", async () => {
    expect(await found("library", "HELL")).toEqual(["Hello, World!", "a hello and a WORLD"]);
    expect(await found("library", "world hello")).toEqual(["Hello, World!", "a hello and a WORLD"]);
    expect(await found("library", '"hello world"')).toEqual(["Hello, World!"]);
    expect(await found("library", "123")).toEqual(["１２３ 图书馆"]);
    expect(await found("library", "orld")).toEqual([]);
  });

  test("takes any question for words, never for more", async () => {
    for (const question of [
      '"',
      "hello OR",
      "NEAR(",
      "words:x",
      "a* -b",
      "'; DROP",
      "&|!<->",
      "\0",
    ]) {
      expect(await found("library", question)).toBeArray();
    }
    expect(await found("library", "!?")).toEqual([]);
  });

  test("pages backwards with `before`", async () => {
    expect(await found("library", "hello", "&limit=1")).toEqual(["a hello and a WORLD"]);
    expect(await found("library", "hello", "&limit=1&before=3")).toEqual(["Hello, World!"]);
  });

  test("follows edits and deletions", async () => {
    const ada = await join(server, "changing");
    const { seq } = await ada.post("first words");
    expect(await found("changing", "first")).toHaveLength(1);
    ada.send({ type: "edit", seq, text: "second thoughts" });
    await ada.next("edited");
    expect(await found("changing", "first")).toEqual([]);
    expect(await found("changing", "second")).toEqual(["second thoughts"]);
    ada.send({ type: "delete", seq });
    await ada.next("deleted");
    expect(await found("changing", "second")).toEqual([]);
    await ada.close();
  });
});

/** One open stream; `take(n)` resolves to the next n events. */
async function follow(room: string, lastEventId?: string) {
  const controller = new AbortController();
  const response = await fetch(address(room, "events"), {
    signal: controller.signal,
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error("no stream");
  let rest = "";
  const take = async (count: number) => {
    const events: { id: string; event: string; data: Record<string, unknown> }[] = [];
    while (events.length < count) {
      const end = rest.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await reader.read();
        if (done) break;
        rest += value;
        continue;
      }
      const fields = new Map(
        rest
          .slice(0, end)
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      rest = rest.slice(end + 2);
      const data = fields.get("data");
      if (data === undefined) continue;
      events.push({
        id: fields.get("id") ?? "",
        event: fields.get("event") ?? "",
        data: JSON.parse(data),
      });
    }
    return events;
  };
  return { response, take, stop: () => controller.abort() };
}

describe("events", () => {
  test("begins with a welcome that holds the last messages, and goes on live", async () => {
    await post("live", { text: "before" });
    const stream = await follow("live");
    expect(stream.response.headers.get("content-type")).toStartWith("text/event-stream");
    const [welcome] = await stream.take(1);
    expect(welcome?.event).toBe("welcome");
    expect(welcome?.data).toMatchObject({ recovered: false, seq: 1 });
    expect(welcome?.data["messages"]).toMatchObject([{ text: "before" }]);
    await post("live", { text: "after" });
    const [message] = await stream.take(1);
    expect(message).toMatchObject({ event: "message", data: { seq: 2, text: "after" } });
    expect(message?.id).toBe(`${welcome?.data["epoch"]}:2`);
    stream.stop();
  });

  test("resumes after Last-Event-ID with every event since, in order", async () => {
    for (const text of ["1", "2", "3", "4"]) await post("resume", { text });
    const { body } = await read("resume");
    const stream = await follow("resume", `${body.epoch}:1`);
    const [welcome, ...missed] = await stream.take(4);
    expect(welcome?.data).toMatchObject({ recovered: true, seq: 4 });
    expect(missed.map(({ data }) => data["seq"])).toEqual([2, 3, 4]);
    stream.stop();
  });

  test("says that it starts afresh for another epoch", async () => {
    await post("afresh", { text: "x" });
    const stream = await follow("afresh", "other:1");
    expect((await stream.take(1))[0]?.data).toMatchObject({ recovered: false });
    stream.stop();
  });

  test("ends when the server stops", async () => {
    const own = await Server.start();
    const response = await fetch(new URL("api/v1/rooms/end/events", own.url));
    const whole = response.text();
    expect(await own.stop()).toBe(0);
    expect(await whole).toStartWith("id: ");
    await own[Symbol.asyncDispose]();
  });
});
