import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { administrator, type Visitor, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
let boss: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Where the language button of a page leads back to, relative to the base path. */
const nextOf = (html: string) => /name="next"\s+value="([^"]*)"/.exec(html)?.[1];

describe("the language button", () => {
  test("leads back to the page it is on: account, administration, set-up, a closed door", async () => {
    for (const path of ["account/", "admin/people", "admin/setup?token=abc-123_"]) {
      const next = nextOf((await boss.get(path)).text);
      expect(next).toBe(path);
      const sent = await fetch(new URL("me", server.url), {
        method: "POST",
        body: new URLSearchParams({ language: "zh", next: next ?? "" }),
        redirect: "manual",
      });
      expect(sent.headers.get("location")).toBe(`./${path}`);
    }
    const guest = await visitor(server);
    expect(nextOf((await guest.get("admin/people")).text)).toBe("admin/");
    expect(nextOf((await guest.get("invite/abc")).text)).toBe("");
  });
});

describe("a list of the administration", () => {
  test("has a name for each column", async () => {
    const { text } = await boss.get("admin/people");
    const headers = [...text.matchAll(/<th scope="col">(.*?)<\/th>/gs)].map(([, words = ""]) =>
      words.replace(/<[^>]*>/g, "").trim(),
    );
    expect(headers.length).toBeGreaterThan(3);
    expect(headers).not.toContain("");
  });

  test("tells what was done as news, not as an error", async () => {
    const { text } = await boss.get("admin/rooms?done");
    expect(text).toContain('<p class="done" role="status">Done.</p>');
    expect(text).not.toContain('role="alert"');
  });
});
