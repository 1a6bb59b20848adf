import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { talkPath } from "../../../lib/model/rooms/rules.ts";
import { join } from "../../support/people/client.ts";
import { owner, type Visitor, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

/** What people see of a page, its address and title included: no scripts' attributes, no values. */
const seen = (html: string) =>
  html.replaceAll(/data-[\w-]+="[^"]*"/g, "").replaceAll(/<input type="hidden"[^>]*>/g, "");

describe("the page of a private talk", () => {
  let server: Server;
  let ada: Visitor;
  let bo: Visitor;
  const ids = { ada: "", bo: "" };
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    [ada, bo] = [await owner(server, "Ada"), await owner(server, "Bo")];
    for (const [name, { cookie }] of [
      ["ada", ada],
      ["bo", bo],
    ] as const) {
      const here = await join(server, "hall", { cookie });
      ids[name] = here.welcome.you.id;
      await here.post("hello");
      await here.close();
    }
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("of a talk that was not begun asks whether to begin it", async () => {
    const path = `people/${ids.bo}`;
    const { status, text } = await ada.get(path);
    expect(status).toBe(200);
    expect(text).toContain("Bo");
    expect(text).not.toContain("data-room");
    expect((await ada.submit(path, path, {})).location).toBe(`../${path}`);
    expect((await ada.get(path)).text).toContain("data-room");
  });

  test("is called by its people, in its title too, and nowhere by its room", async () => {
    const { text } = await ada.get(`people/${ids.bo}`);
    expect(text).toContain("<title>Bo · chatroom</title>");
    expect(text).toContain('data-room="direct-');
    expect(seen(text)).not.toContain("direct-");
    expect((await bo.get(`people/${ids.ada}`)).text).toContain("<title>Ada · chatroom</title>");
  });

  test("takes a message without scripts, which the other one reads on theirs", async () => {
    const path = `people/${ids.bo}`;
    expect((await ada.post(path, { text: "psst" })).location).toBe(`./${ids.bo}`);
    expect((await bo.get(`people/${ids.ada}`)).text).toContain("psst");
    const answer = await ada.post(path, { text: "/who" });
    expect(answer.text).toContain(`href="../${path}"`);
  });

  test("is led to from the old address, by those who may read it alone", async () => {
    const { text } = await ada.get(`people/${ids.bo}`);
    const [, room = ""] = /data-room="(direct-[0-9a-f]{32})"/.exec(text) ?? [];
    const found = await fetch(new URL(`rooms/${room}`, server.url), {
      headers: { cookie: ada.cookie },
      redirect: "manual",
    });
    expect(found.status).toBe(303);
    expect(found.headers.get("location")).toBe(`../people/${ids.bo}`);
    expect((await (await visitor(server)).get(`rooms/${room}`)).status).toBe(403);
  });

  test("of several people has one address, in whatever order they are named", () => {
    const [one, two] = [{ id: "a" }, { id: "b" }];
    expect(talkPath([one, two])).toBe(talkPath([two, one]));
  });

  test("with oneself, with nobody, or with too many is none", async () => {
    expect((await ada.get(`people/${ids.ada}`)).status).toBe(400);
    expect((await ada.get("people/nobody")).status).toBe(404);
    const many = Array.from({ length: 8 }, (_, at) => `p${at}`).join(",");
    expect((await ada.get(`people/${many}`)).status).toBeGreaterThanOrEqual(400);
  });
});
