import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, join } from "../../support/people/client.ts";
import { owner, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Accepted, or refused: what is accepted is right again later. */
const PASSWORDS = {
  "that NFKC makes eighteen times as long": "ﷺ".repeat(50),
  "of as many such characters as are accepted": "ﷺ".repeat(200),
  "of 200 characters outside the basic plane": "𝔭".repeat(200),
  "with marks in no canonical order": `correct${"\u0315\u0300".repeat(90)}`,
  "with spaces in a row": "open   sesame  now",
};

async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then((notice) => notice.text),
    client.next("error", (error) => error.id === id).then((e) => `! ${e.code}: ${e.message}`),
  ]);
}

for (const [at, [what, password]] of Object.entries(PASSWORDS).entries()) {
  test(`a name's password ${what} signs its owner in again`, async () => {
    const name = `Claimer ${at}`;
    const [first, phone] = [await visitor(server), await visitor(server)];
    const claimed = await first.submit("account/", "account/claim", { name, password });
    expect(claimed.status).toBe(303);
    const again = await phone.submit("account/", "account/sign-in", { name, password });
    expect(again.status).toBe(303);
  });

  test(`a room's password ${what} lets others in`, async () => {
    const room = `locked-${at}`;
    const keeper = await owner(server, `Keeper ${at}`);
    const client = await join(server, room, { cookie: keeper.cookie });
    expect(await order(client, `/close password ${password}`)).toBe("Done.");
    const stranger = await visitor(server);
    const action = `rooms/${room}/password`;
    expect((await stranger.submit(`rooms/${room}`, action, { password })).status).toBe(303);
    const socket = await join(server, room, { password });
    for (const each of [client, socket]) await each.close();
  });
}

test("a room's password of several lines, which no form can send, is refused", async () => {
  const keeper = await owner(server, "Keeper of lines");
  const client = await join(server, "lines", { cookie: keeper.cookie });
  expect(await order(client, "/close password correct\nhorse")).toStartWith("! invalid");
  await client.close();
});
