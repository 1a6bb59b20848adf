import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Server } from "../../support/servers/server.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, server.url), { headers, redirect: "manual" });
const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(new URL(path, server.url), {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
    redirect: "manual",
  });
const cookieOf = (answer: Response) => answer.headers.getSetCookie().join("; ").split(";")[0] ?? "";

describe("the lobby", () => {
  test("makes a first visitor a guest, and the second time does not", async () => {
    const first = await get("./");
    const cookie = cookieOf(first);
    expect(cookie).toStartWith("chatroom=");
    expect((await get("./", { cookie })).headers.getSetCookie()).toEqual([]);
  });

  test("sends its form to the one address of the room", async () => {
    expect((await get("rooms/?room=%EF%BC%B2oom")).headers.get("location")).toBe("./room");
    const bad = await get("rooms/?room=no%20room");
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain("A room is 1 to 64");
  });
});

describe("a room's page", () => {
  test("is at /rooms/ and, as in the notes, at /index/?num=", async () => {
    for (const path of ["rooms/123", "index/?num=123"]) {
      const page = await get(path);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('data-room="123"');
    }
  });

  test("is not there for a name that is no room's", async () => {
    const page = await get("rooms/a%20b", { accept: "text/html" });
    expect(page.status).toBe(404);
    expect(await page.text()).toContain("<h1>Nothing here</h1>");
  });

  test("says what it is where its address is shared; another page says nothing to share", async () => {
    const { host } = new URL(server.url);
    const html = await (await get("rooms/%E5%9B%BE", { "accept-language": "en" })).text();
    const about = "Come and talk in “图”: pick a name, no account needed.";
    expect(html).toContain(`<meta name="description" content="${about}" />`);
    expect(html).toContain(`<meta property="og:title" content="图 · chatroom" />`);
    expect(html).toContain(`content="http://${host}/rooms/%E5%9B%BE"`);
    const [, picture = ""] = /og:image" content="([^"]+)"/.exec(html) ?? [];
    expect((await fetch(picture)).headers.get("content-type")).toBe("image/png");
    expect(await (await get("./")).text()).toContain('property="og:description"');
    expect(await (await get("account/")).text()).not.toContain("og:");
  });

  test("has one address for all spellings of the name", async () => {
    expect((await get("rooms/%EF%BC%B2OOM")).headers.get("location")).toBe("./room");
  });

  test("is in the language the browser asks for, or the one that was chosen", async () => {
    const chinese = await (await get("rooms/123", { "accept-language": "fr, zh-TW;q=0.8" })).text();
    expect(chinese).toContain('lang="zh-Hans"');
    expect(chinese).toContain("写消息");
    const chosen = await form("me", { language: "zh", next: "rooms/123" });
    expect(chosen.headers.get("location")).toBe("./rooms/123");
    const cookie = cookieOf(chosen);
    expect(await (await get("rooms/123", { cookie })).text()).toContain("写消息");
  });

  test("allows nothing inline and nothing from elsewhere, and nothing on it needs that", async () => {
    const page = await get("rooms/123");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
    const html = await page.text();
    // Where a link is shared, its address and picture must be whole.
    const own = html.replaceAll(/<meta property="og:[^>]*>/g, "");
    expect(own).not.toMatch(/ style=| on\w+=|<style|<script>|https?:\/\/(?!www\.w3\.org)/);
  });
});

describe("without scripts", () => {
  test("a name is given, a message is sent, and both are on the page as text", async () => {
    const named = await form("me", { name: "<i>Ada", next: "rooms/plain" });
    expect(named.status).toBe(303);
    const cookie = cookieOf(named);
    const sent = await form("rooms/plain", { text: "<script>alert(1)</script>" }, { cookie });
    expect(sent.headers.get("location")).toBe("./plain");
    const html = await (await get("rooms/plain", { cookie })).text();
    expect(html).toContain("&lt;i&gt;Ada");
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).not.toContain("<script>alert");
  });

  test("a form of another site does nothing", async () => {
    const cookie = cookieOf(await form("me", { name: "Ada" }));
    const headers = { origin: "https://evil.example", cookie };
    expect((await form("rooms/safe", { text: "x" }, headers)).status).toBe(403);
    expect((await form("me", { name: "Eve" }, headers)).status).toBe(403);
  });

  test("the way on never leads to another site", async () => {
    for (const next of ["//evil.example", "https://evil.example", "rooms/../..//x", "rooms/a?b"]) {
      expect((await form("me", { name: "Ada", next })).headers.get("location")).toBe("./");
    }
  });

  test("a name that cannot be one is refused with a reason", async () => {
    const answer = await form("me", { name: "\u202e" });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "invalid" } });
  });
});

describe("assets", () => {
  test("of a hashed name are kept for ever, those of a plain one are asked after", async () => {
    const html = await (await get("rooms/123")).text();
    const [script = ""] = /assets\/room\.\w+\.js/.exec(html) ?? [];
    const hashed = await get(script);
    expect(hashed.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(hashed.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(hashed.headers.get("x-content-type-options")).toBe("nosniff");
    const plain = await get("assets/worker.js");
    expect(plain.headers.get("cache-control")).toBe("no-cache");
    const etag = plain.headers.get("etag") ?? "";
    expect((await get("assets/worker.js", { "if-none-match": etag })).status).toBe(304);
  });

  test("have the icons that phones and launchers ask for, as PNGs of the size they say", async () => {
    const manifest: unknown = await (await get("assets/manifest.webmanifest")).json();
    const png = (size: number) => {
      return { src: `icon-${size}.png`, sizes: `${size}x${size}`, type: "image/png" };
    };
    expect(manifest).toMatchObject({ icons: [{ src: "icon.svg" }, png(192), png(512)] });
    const html = await (await get("./")).text();
    const [, touch = ""] = /rel="apple-touch-icon"[^>]*href="([^"]+)"/.exec(html) ?? [];
    for (const [address, size] of [
      [touch, 180],
      ["assets/icon-192.png", 192],
      ["assets/icon-512.png", 512],
    ] as const) {
      const answer = await get(address, { "accept-encoding": "br, gzip" });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("image/png");
      expect(answer.headers.get("content-encoding")).toBeNull();
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(bytes.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
      // IHDR, the first chunk: width and height (PNG, third edition, 11.2.1).
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([size, size]);
    }
  });

  test("of other names do not exist", async () => {
    for (const name of ["room.0000000000.js", "..%2F..%2Fpackage.json", "room.ts"]) {
      expect((await get(`assets/${name}`)).status).toBe(404);
    }
  });

  test("a first view of a room is at most 40 KB, everything together", async () => {
    const cookie = cookieOf(await form("me", { name: "Ada" }));
    for (let at = 0; at < 20; at += 1) {
      await form("rooms/heavy", { text: `${at} hello, this is a usual message 你好` }, { cookie });
    }
    let total = 0;
    const load = async (path: string) => {
      const headers = { "accept-encoding": "br" };
      const url = new URL(path, server.url);
      const answer = await fetch(url, { headers, decompress: false });
      const body = new Uint8Array(await answer.arrayBuffer());
      expect(answer.status).toBe(200);
      total += body.byteLength;
      return body;
    };
    await load("rooms/heavy");
    const html = await (await get("rooms/heavy")).text();
    // Everything else comes when it is first needed: the unread icon, pictures for home screens and
    // for shared links, what uploads files or opens over the page.
    const loaded = new Set(
      html.match(
        /assets\/(?:page|boot|room|icon|en|worker)\.[\w.-]+|assets\/manifest\.webmanifest/g,
      ),
    );
    expect(loaded.size).toBe(7);
    for (const path of loaded) await load(path);
    console.log(`first view of a room: ${(total / 1024).toFixed(1)} KB`);
    expect(total).toBeLessThan(40 * 1024);
  });
});

test("below a base path every address is relative, and the path itself leads to its lobby", async () => {
  await using below = await Server.start({ args: ["--base-path", "/chat/here"] });
  const base = below.url;
  expect(base).toEndWith("/chat/here/");
  const bare = await fetch(base.slice(0, -1));
  expect(bare.url).toBe(base);
  const html = await (await fetch(new URL("rooms/123", base))).text();
  for (const [, path = ""] of html.matchAll(/(?:href|src|action)="([^#"]+)"/g)) {
    expect(path).toStartWith("../");
  }
});
