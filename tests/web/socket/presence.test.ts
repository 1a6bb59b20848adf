import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { guest, join } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe("presence", () => {
  test("who comes and who goes is told to those who are there", async () => {
    const ada = await join(server, "come-and-go", { name: "ada" });
    const bob = await join(server, "come-and-go", { name: "bob" });
    const person = { id: bob.welcome.you.id, name: "bob" };
    const came = await ada.next("presence", ({ joined }) => joined?.at(-1)?.name === "bob");
    expect(came.joined).toContainEqual(person);
    expect(came.count).toBe(2);
    expect(bob.welcome).toMatchObject({
      people: [{ id: ada.welcome.you.id, name: "ada" }, person],
      count: 2,
    });
    await bob.close();
    const went = await ada.next("presence", ({ left }) => left?.[0]?.name === "bob");
    expect(went).toMatchObject({ left: [person], count: 1 });
    await ada.close();
  });

  test("nobody is told what their welcome said, themselves among it", async () => {
    const ada = await join(server, "welcomed", { name: "ada" });
    const bob = await join(server, "welcomed", { name: "bob" });
    await ada.next("presence", ({ count }) => count === 2);
    const carol = await join(server, "welcomed", { name: "carol" });
    // What is told of Carol is told after what would have been told of Ada and Bob.
    await bob.next("presence", ({ count }) => count === 3);
    const told = (client: typeof ada) =>
      client.frames.flatMap((frame) =>
        frame.type === "presence" ? (frame.joined ?? []).map(({ name }) => name) : [],
      );
    expect([told(ada), told(bob)]).toEqual([["bob", "carol"], ["carol"]]);
    await Promise.all([ada.close(), bob.close(), carol.close()]);
  });

  test("one person with three tabs is one person, until the last is closed", async () => {
    const cookie = await guest(server);
    const watcher = await join(server, "tabs", { name: "watcher" });
    const tabs = await Promise.all([1, 2, 3].map(() => join(server, "tabs", { cookie })));
    const ids = new Set(tabs.map((tab) => tab.welcome.you.id));
    expect(ids.size).toBe(1);
    const came = await watcher.next("presence", ({ count }) => count === 2);
    expect(came.joined?.filter(({ id }) => ids.has(id))).toHaveLength(1);
    await tabs[0]?.close();
    await tabs[1]?.close();
    // Someone else's coming is told after what would have been told of the tabs.
    const other = await join(server, "tabs", { name: "other" });
    await watcher.next("presence", ({ joined }) => joined?.at(-1)?.name === "other");
    await tabs[2]?.close();
    const went = await watcher.next("presence", ({ left }) => left?.length === 1);
    expect(went.left?.map(({ id }) => id)).toEqual([...ids]);
    const told = watcher.frames.filter(({ type }) => type === "presence");
    expect(told.filter((frame) => "left" in frame && frame.left?.length)).toHaveLength(1);
    await Promise.all([watcher.close(), other.close()]);
  });

  test("who loses the line is gone too", async () => {
    const ada = await join(server, "lost", { name: "ada" });
    const bob = await join(server, "lost", { name: "bob" });
    await ada.next("presence", ({ count }) => count === 2);
    bob.cut();
    await ada.next("presence", ({ left }) => left?.[0]?.name === "bob");
    await ada.close();
  });

  test("stays in its room, and the same person may be in several", async () => {
    const cookie = await guest(server);
    const here = await join(server, "here", { cookie });
    const there = await join(server, "there", { cookie });
    expect(here.welcome.you.id).toBe(there.welcome.you.id);
    expect([here.welcome.count, there.welcome.count]).toEqual([1, 1]);
    const visitor = await join(server, "there", { name: "visitor" });
    await there.next("presence", ({ count }) => count === 2);
    await here.fence();
    expect(JSON.stringify(here.frames)).not.toContain("visitor");
    await Promise.all([here.close(), there.close(), visitor.close()]);
  });

  test("in a room of more than 200 only the number is told, and at most 200 are listed", async () => {
    const first = await join(server, "crowd");
    const crowd = await Promise.all(
      Array.from({ length: 204 }, (_, at) => join(server, "crowd", { name: `n${at}` })),
    );
    const full = await first.next("presence", ({ count }) => count === 205);
    expect(full).toEqual({ type: "presence", count: 205 });
    const last = await join(server, "crowd");
    expect(last.welcome.people).toHaveLength(200);
    expect(last.welcome.count).toBe(206);
    await Promise.all([first, last, ...crowd].map((client) => client.close()));
  });
});
