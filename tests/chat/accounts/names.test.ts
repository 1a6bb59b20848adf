import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join, joinPlain, refusedUpgrade } from "../../support/people/client.ts";
import { owner, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe("of those who are in a room, no two look the same", () => {
  test("a guest who comes as someone who is there gets in by another name, and is told", async () => {
    const ada = await join(server, "names", { name: "ada" });
    const other = await join(server, "names", { name: "Аda" });
    expect(other.welcome.you.name).toBe("Аda-2");
    expect((await other.next("notice")).text).toContain("Аda-2");
    const message = await other.post("hello");
    expect(message.author.name).toBe("Аda-2");
    const third = await join(server, "names", { name: "ada" });
    expect(third.welcome.you.name).toBe("ada-3");
    const { joined } = await ada.next("presence", (frame) => frame.count === 3);
    expect(joined).toContainEqual({ id: third.welcome.you.id, name: "ada-3" });
    // Elsewhere they are who they are.
    const elsewhere = await join(server, "names2", { name: "ada" });
    expect(elsewhere.welcome.you.name).toBe("ada");
    expect(elsewhere.frames.some(({ type }) => type === "notice")).toBe(false);
  });

  test("a name is free again when its bearer has left", async () => {
    const ada = await join(server, "free", { name: "ada" });
    const two = await join(server, "free", { name: "ada" });
    await ada.close();
    await two.next("presence", ({ count }) => count === 1);
    expect((await join(server, "free", { name: "ada" })).welcome.you.name).toBe("ada");
    await two.close();
    const ivan = await join(server, "free", { name: "lvan" });
    expect((await join(server, "free", { name: "Ivan" })).welcome.you.name).toBe("Ivan-2");
    await ivan.close();
  });

  test("one person keeps one name in several tabs, whichever closes first", async () => {
    const { cookie } = await visitor(server);
    const [one, two] = [
      await join(server, "tabs", { cookie, name: "ada" }),
      await join(server, "tabs", { cookie, name: "ada" }),
    ];
    expect([one.welcome.you.name, two.welcome.you.name]).toEqual(["ada", "ada"]);
    await one.close();
    const impostor = await visitor(server);
    const as = { cookie: impostor.cookie, name: "ada" };
    const [first, second] = [await join(server, "tabs", as), await join(server, "tabs", as)];
    expect([first.welcome.you.name, second.welcome.you.name]).toEqual(["ada-2", "ada-2"]);
    await two.close();
    expect((await join(server, "tabs", { cookie, name: "ada" })).welcome.you.name).toBe("ada");
  });

  test("/nick to a name that is borne there is refused; to one's own, or a free one, it is not", async () => {
    const ada = await join(server, "nick", { name: "ada" });
    const bob = await join(server, "nick", { name: "bob" });
    bob.say("/nick АDА");
    expect(await bob.next("error")).toMatchObject({ code: "not_allowed" });
    bob.say("/nick Bob");
    expect((await bob.next("notice")).text).toContain("Bob");
    ada.say("/nick grace");
    await ada.next("notice");
    bob.say("/nick ada");
    expect((await bob.next("notice")).text).toContain("ada");
    expect((await bob.post("me")).author.name).toBe("ada");
  });

  test("it holds for plain text, which is told nothing it did not ask for", async () => {
    const ada = await joinPlain(server, "plain", { name: "ada" });
    const other = await joinPlain(server, "plain", { name: "ada" });
    const json = await join(server, "plain", { name: "ADA" });
    expect(json.welcome.you.name).toBe("ADA-3");
    other.raw("hello");
    expect(await ada.next()).toBe("ada-2: hello");
    await other.next();
    expect(other.lines).toEqual(["ada-2: hello"]);
    other.raw("/nick ada");
    expect(await other.next((line) => line.startsWith("!"))).toStartWith("! not_allowed: ");
    await ada.close();
    await json.fence();
    other.raw("/nick ada");
    other.raw("at last");
    await json.next("message", ({ text, author }) => text === "at last" && author.name === "ada");
  });

  test("it holds for what is posted without a socket", async () => {
    const ada = await join(server, "posts", { name: "ada" });
    const address = new URL("api/v1/rooms/posts/messages", server.url);
    await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: "by the API", name: "аda" }),
    });
    const by = (text: string) => ada.next("message", (message) => message.text === text);
    expect((await by("by the API")).author.name).toBe("аda-2");
    const form = await visitor(server);
    await form.post("me", { name: "Ada" });
    await form.post("rooms/posts", { text: "by the form" });
    expect((await by("by the form")).author.name).toBe("Ada-2");
  });

  test("a number that makes it someone's own name is passed over", async () => {
    await owner(server, "Knuth-2");
    await join(server, "numbers", { name: "Knuth" });
    const other = await join(server, "numbers", { name: "Knuth" });
    expect(other.welcome.you.name).toBe("Knuth-3");
    expect(await refusedUpgrade(server.ws("numbers", { name: "Knuth-2" }))).toBe(403);
    const long = "x".repeat(32);
    await join(server, "numbers", { name: long });
    const same = await join(server, "numbers", { name: long });
    expect(same.welcome.you.name).toBe(`${"x".repeat(30)}-2`);
  });

  test("people without a name are as many as they like, and many of one name each have their own", async () => {
    const joins = Array.from({ length: 40 }, () => join(server, "many", { name: "bot" }));
    const names = (await Promise.all(joins)).map(({ welcome }) => welcome.you.name);
    expect(new Set(names).size).toBe(40);
    const nobody = await Promise.all([join(server, "many"), join(server, "many")]);
    expect(nobody.map(({ welcome }) => welcome.you.name)).toEqual(["", ""]);
  });
});

test("/who tells of those who came by plain text too", async () => {
  const room = "who";
  const plain = await joinPlain(server, room, { name: "ada" });
  plain.raw("/who");
  expect(await plain.next()).toBe("1 here: ada");
  const { cookie } = await visitor(server);
  const json = await join(server, room, { cookie, name: "bob" });
  await joinPlain(server, room, { cookie, name: "bob" });
  json.say("/who");
  expect((await json.next("notice")).text).toBe("2 here: bob, ada");
});
