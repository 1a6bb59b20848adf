import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "../../support/people/client.ts";
import { administrator, owner, type Visitor, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
let admin: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
  admin = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

async function newHook(room: string, name = "ci"): Promise<string> {
  const { text } = await admin.submit("admin/tokens", "admin/tokens", {
    verb: "token",
    name,
    room,
  });
  const [address] = /http[^<\s"]*\/hooks\/[\w-]+/.exec(text) ?? [];
  if (address === undefined) throw new Error(`no address: ${text.slice(0, 2_000)}`);
  return address;
}
function call(hook: string, body: unknown) {
  return fetch(hook, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

describe("a hook", () => {
  test("posts into its room, under the token's name, what is sent as to Slack", async () => {
    const hook = await newHook("builds");
    const ada = await join(server, "builds");
    const response = await call(hook, { text: "构建成功 <https://ci.example/7|#7> &amp; done" });
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
    const message = await ada.next("message");
    expect(message.author.name).toBe("ci");
    expect(message.author.id).toStartWith("bot:");
    expect(message.text).toBe("构建成功 [#7](https://ci.example/7) & done");
    await ada.close();
  });

  test("takes a form with a payload too, and a name for one message", async () => {
    const hook = await newHook("forms");
    const ada = await join(server, "forms");
    const payload = JSON.stringify({ text: "hi", username: "deploy" });
    const response = await fetch(hook, { method: "POST", body: new URLSearchParams({ payload }) });
    expect(response.status).toBe(200);
    expect(await ada.next("message")).toMatchObject({ text: "hi", author: { name: "deploy" } });
    await ada.close();
  });

  test("speaks under its own name where another is somebody's, or says who is in charge", async () => {
    const hook = await newHook("names");
    await owner(server, "Lovelace");
    const ada = await join(server, "names");
    for (const username of [
      "Lovelace",
      "LoveIace",
      "admin",
      "Build Support",
      "系统管理员",
      "CI ✓",
    ]) {
      await call(hook, { text: username, username });
      const said = await ada.next("message", ({ text }) => text === username);
      expect(said.author.name).toBe("ci");
    }
    await ada.close();
  });

  test("speaks under no name where its own has become somebody's", async () => {
    const hook = await newHook("claimed", "Hopper");
    await owner(server, "Hopper");
    const ada = await join(server, "claimed");
    await call(hook, { text: "hi" });
    expect((await ada.next("message")).author.name).toBe("");
    await ada.close();
  });

  test("is not made with such a name", async () => {
    await owner(server, "Turing");
    for (const name of ["Turing", "system", "Zoe (mod)", "Zoe ✓"]) {
      const fields = { verb: "token", name, room: "names" };
      const { status, text } = await admin.submit("admin/tokens", "admin/tokens", fields);
      expect([400, 403]).toContain(status);
      expect(text).not.toContain("/hooks/");
    }
  });

  test("refuses what is no message, with its code", async () => {
    const hook = await newHook("refusals");
    for (const body of ["nonsense", "", "[]", { text: 1 }, { text: " " }, { text: "\0" }, {}]) {
      const response = await call(hook, body);
      expect(response.status).toBe(400);
      expect((await response.json()).error.code).toBe("invalid");
    }
    expect((await call(hook, { text: "x".repeat(8_001) })).status).toBe(413);
  });

  test("is not found by a token that is none", async () => {
    const response = await call(new URL("hooks/nothing", server.url).href, { text: "x" });
    expect(response.status).toBe(404);
  });

  test("ends when its token is revoked, and the audit log says both", async () => {
    const hook = await newHook("over", "old");
    const { text } = await admin.get("admin/tokens?q=over");
    const hash = /name="hash"\s+value="([^"]+)"/.exec(text)?.[1] ?? "";
    expect(text).not.toContain(hook.split("/").at(-1) ?? "");
    const fields = { verb: "untoken", hash, room: "over", name: "old" };
    expect((await admin.submit("admin/tokens", "admin/tokens", fields)).status).toBe(303);
    expect((await call(hook, { text: "x" })).status).toBe(404);
    const audit = await admin.get("admin/audit?q=over");
    expect(audit.text).toMatch(/data-action="token\.revoke"[^]*data-action="token"/);
  });

  test("is for administrators to make", async () => {
    const guest = await visitor(server);
    const { status } = await guest.post("admin/tokens", { verb: "token", name: "x", room: "y" });
    expect(status).toBe(403);
  });

  test("needs a name and a room", async () => {
    const ask = (fields: Record<string, string>) =>
      admin.submit("admin/tokens", "admin/tokens", { verb: "token", ...fields });
    expect((await ask({ name: "x", room: "a b" })).status).toBe(400);
    expect((await ask({ name: "", room: "a" })).status).toBe(400);
  });
});
