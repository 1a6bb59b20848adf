import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { guest } from "../../support/people/client.ts";
import { ROOT, Server, temporaryFolder } from "../../support/servers/server.ts";

setDefaultTimeout(30_000);

interface Message {
  readonly seq: number;
  readonly text: string;
}
interface ExampleRoom {
  post(text: string): void;
  close(): void;
}
type RoomClass = new (
  url: string,
  on: { start(messages: readonly Message[]): void; event(event: Message): void },
  options: { readonly headers: Readonly<Record<string, string>> },
) => ExampleRoom;

/** The client at the end of docs/protocol.md, word for word. */
async function exampleClient(folder: string): Promise<RoomClass> {
  const page = await Bun.file(join(ROOT, "docs/protocol.md")).text();
  const [, source = ""] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const path = join(folder, "room.mjs");
  await Bun.write(path, source);
  return (await import(path)).Room;
}

/** What one client shows, and when it shows enough. */
class Shown {
  messages: Message[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void } | null = null;

  /** Resolves when it shows so many; one call at a time. */
  reaches(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { count, resolve };
    this.#check();
    return promise;
  }

  start(messages: readonly Message[]): void {
    this.messages = [...messages];
    this.#check();
  }

  event(event: Message): void {
    this.messages.push(event);
    this.#check();
  }

  #check(): void {
    const { count = Number.POSITIVE_INFINITY, resolve } = this.#waiting ?? {};
    if (this.messages.length >= count) resolve?.();
  }
}

test("the client of docs/protocol.md loses, doubles and reorders nothing when the server is killed", async () => {
  const folder = await temporaryFolder();
  const Room = await exampleClient(folder);
  const args = ["--limits", "off"];
  const data = join(folder, "data");
  const first = await Server.start({ args, data });
  const headers = { cookie: await guest(first) };
  const texts = Array.from({ length: 40 }, (_, at) => `message ${at}`);
  const [own, others] = [new Shown(), new Shown()];
  const ada = new Room(first.ws("client"), own, { headers });
  const bob = new Room(first.ws("client"), others, { headers: {} });
  for (const text of texts.slice(0, 20)) ada.post(text);
  await own.reaches(20);
  await first.kill();
  // These wait in the client until it is connected again.
  for (const text of texts.slice(20)) ada.post(text);
  const port = Number(new URL(first.url).port);
  await using _ = await Server.start({ args, data, port });
  await Promise.all([own.reaches(40), others.reaches(40)]);
  for (const { messages } of [own, others]) {
    expect(messages.map(({ text }) => text)).toEqual(texts);
    expect(messages.map(({ seq }) => seq)).toEqual(texts.map((_, at) => at + 1));
  }
  ada.close();
  bob.close();
  await rm(folder, { recursive: true, force: true });
});
