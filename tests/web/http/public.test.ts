import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { Client, join, refusedUpgrade } from "../../support/people/client.ts";
import { administrator, Visitor } from "../../support/people/people.ts";
import { cleanEnv, ROOT, Server, temporaryFolder } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const NAME = "chat.example.org";
/** What a proxy adds that ends TLS. */
const HTTPS = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7", host: NAME };

async function cookiesOf(server: Server, headers: Record<string, string>): Promise<string[]> {
  const response = await fetch(server.url, { headers });
  await response.body?.cancel();
  return response.headers.getSetCookie();
}

describe("behind a trusted proxy that says https", () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off", "--trust-proxy", "127.0.0.1"] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("cookies are Secure and __Host-, and are understood again", async () => {
    const [cookie = ""] = await cookiesOf(server, HTTPS);
    expect(cookie).toStartWith("__Host-chatroom=");
    expect(cookie).toMatch(/; Secure/i);
    const pair = cookie.split(";")[0] ?? "";
    expect(await cookiesOf(server, { ...HTTPS, cookie: pair })).toEqual([]);
    const client = await join(server, "room", { cookie: pair, headers: HTTPS });
    expect(pair).toContain(client.welcome.you.id);
    await client.close();
  });

  test("HTTPS is asked for from then on", async () => {
    const { headers } = await fetch(`${server.url}healthz`, { headers: HTTPS });
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=\d{7,}/);
    const plain = await fetch(`${server.url}healthz`);
    expect(plain.headers.has("strict-transport-security")).toBe(false);
  });

  test("links are https", async () => {
    const [cookie = ""] = await cookiesOf(server, HTTPS);
    const pair = { cookie: cookie.split(";")[0] ?? "" };
    const [ada, bob] = [
      await join(server, "hall", { ...pair, name: "Ada", headers: HTTPS }),
      await join(server, "hall", { name: "Bob", headers: HTTPS }),
    ];
    ada.say("/msg Bob");
    expect((await bob.next("notice")).text).toContain(`https://${NAME}/people/`);
    for (const each of [ada, bob]) await each.close();
  });

  test("a page of the same host over http is not the person's", async () => {
    const [cookie = ""] = await cookiesOf(server, HTTPS);
    const pair = cookie.split(";")[0] ?? "";
    const over = async (origin: string) => {
      const client = await join(server, "room", { cookie: pair, origin, headers: HTTPS });
      await client.close();
      return pair.includes(client.welcome.you.id);
    };
    expect(await over(`https://${NAME}`)).toBe(true);
    expect(await over(`http://${NAME}`)).toBe(false);
  });

  test("the addresses of hooks and invitations are https", async () => {
    await using own = await Server.start({ args: ["--trust-proxy", "127.0.0.1"] });
    const boss = await administrator(own);
    const secure = new Visitor(own, HTTPS);
    for (const pair of boss.cookie.split("; ")) secure.keep(`__Host-${pair}`);
    const fields = { verb: "token", name: "Bot", room: "room" };
    const { text } = await secure.submit("admin/tokens", "admin/tokens", fields);
    expect(text).toContain(`https://${NAME}/hooks/`);
    const invited = await secure.post("rooms/room", { text: "/invite" });
    expect(invited.text).toContain(`https://${NAME}/invite/`);
  });
});

test("a proxy that is not trusted is not believed to have TLS", async () => {
  await using server = await Server.start();
  const [cookie = ""] = await cookiesOf(server, HTTPS);
  expect(cookie).toStartWith("chatroom=");
});

describe("the Host of a request", () => {
  const status = async (server: Server, host: string) => {
    const response = await fetch(`${server.url}rooms/room`, { headers: { host } });
    await response.body?.cancel();
    return response.status;
  };

  test("may be anything where the operator named no address", async () => {
    await using server = await Server.start();
    expect(await status(server, "anything.example")).toBe(200);
  });

  test.each([
    ["--url", "https://chat.example.org"],
    ["--origin", "https://chat.example.org"],
  ])("is %s's, an IP address or localhost, and nothing else", async (flag, value) => {
    await using server = await Server.start({ args: [flag, value] });
    for (const host of ["chat.example.org", "chat.example.org:8000", "CHAT.example.org"]) {
      expect([host, await status(server, host)]).toEqual([host, 200]);
    }
    for (const host of ["127.0.0.1", "localhost:8000", "[::1]:8000", "10.1.2.3"]) {
      expect([host, await status(server, host)]).toEqual([host, 200]);
    }
    for (const host of [
      "evil.example",
      "chat.example.org.evil.example",
      "127.0.0.1.evil.example",
    ]) {
      expect([host, await status(server, host)]).toEqual([host, 403]);
      expect(await refusedUpgrade(server.ws("room"), { host })).toBe(403);
    }
  });

  test("does not make links where the operator named the address", async () => {
    const url = "https://chat.example.org/talk";
    await using server = await Server.start({ args: ["--url", url] });
    const setup = await server.logged("setup");
    expect(setup["url"]).toStartWith(`${url}/admin/setup?token=`);
    const boss = await administrator(server);
    const fields = { verb: "token", name: "Bot", room: "room" };
    const { text } = await boss.submit("admin/tokens", "admin/tokens", fields);
    expect(text).toContain(`${url}/hooks/`);
  });
});

describe("a post of another site", () => {
  let server: Server;
  let cookie: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    cookie = (await cookiesOf(server, {}))[0]?.split(";")[0] ?? "";
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const post = async (headers: Record<string, string>, path: string, type: string) => {
    const body = type === "application/json" ? '{"text":"hello"}' : "text=hello&name=hello";
    const url = new URL(path, server.url);
    const all = { cookie, "content-type": type, ...headers };
    const response = await fetch(url, { method: "POST", body, headers: all, redirect: "manual" });
    await response.body?.cancel();
    return response.status;
  };

  test.each([
    ["api/v1/rooms/room/messages", "application/json", 201],
    ["rooms/room", "application/x-www-form-urlencoded", 303],
    ["me", "application/x-www-form-urlencoded", 303],
    ["api/v1/rooms/room/files?name=a.txt", "application/octet-stream", 201],
  ])("to /%s is refused by what the browser says of it", async (path, type, done) => {
    for (const site of ["cross-site", "same-site"]) {
      expect(await post({ "sec-fetch-site": site }, path, type)).toBe(403);
    }
    for (const site of ["same-origin", "none"]) {
      expect(await post({ "sec-fetch-site": site }, path, type)).toBe(done);
    }
    expect(await post({}, path, type)).toBe(done);
  });
});

test.each(["rooms/room", "rooms/room/password", "account/sign-in", "invite/x", "me"])(
  "a form that another site sends to /%s, without the cookie, makes nobody new",
  async (path) => {
    await using server = await Server.start();
    for (const foreign of [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const body = new URLSearchParams({ text: "hello" });
      const url = new URL(path, server.url);
      const response = await fetch(url, { method: "POST", body, headers: { ...foreign } });
      expect(response.status).toBe(403);
      expect(response.headers.getSetCookie()).toEqual([]);
      await response.body?.cancel();
    }
  },
);

describe("/metrics", () => {
  const TOKEN = "a-token-of-the-monitoring";
  const status = async (server: Server, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}metrics`, { headers });
    await response.body?.cancel();
    return response.status;
  };

  test("is for this machine, not for whom a proxy on it speaks", async () => {
    await using server = await Server.start();
    expect(await status(server)).toBe(200);
    expect(await status(server, { "x-forwarded-for": "203.0.113.7" })).toBe(403);
    expect(await status(server, { "x-forwarded-for": "127.0.0.1" })).toBe(403);
  });

  test("is for trusted networks, and for whoever has the token", async () => {
    const trusted = ["--trust-proxy", "127.0.0.1", "--trust-proxy", "10.0.0.0/8"];
    await using server = await Server.start({ args: [...trusted, "--metrics-token", TOKEN] });
    expect(await status(server, { "x-forwarded-for": "10.1.2.3" })).toBe(200);
    const stranger = { "x-forwarded-for": "203.0.113.7" };
    expect(await status(server, stranger)).toBe(403);
    expect(await status(server, { ...stranger, authorization: "Bearer wrong" })).toBe(403);
    expect(await status(server, { ...stranger, authorization: `Bearer ${TOKEN}` })).toBe(200);
  });
});

test("a password that a room does not ask for is passed over", async () => {
  await using server = await Server.start();
  const client = new Client(server, "open", { password: "whatever" });
  expect((await client.next("welcome")).room).toBe("open");
  await client.close();
});

test("a server that listens on an IPv6 address in brackets says an address that opens", async () => {
  await using server = await Server.start({ host: "[::1]" });
  expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
  expect((await fetch(`${server.url}healthz`)).status).toBe(200);
});

test("a server that Kubernetes runs beside a service of its name starts", async () => {
  const env = { CHATROOM_PORT: "tcp://10.0.0.1:80", CHATROOM_SERVICE_HOST: "10.0.0.1" };
  await using server = await Server.start({ env });
  expect((await fetch(`${server.url}healthz`)).status).toBe(200);
});

test("the command setup-link prints a link below --url", async () => {
  const data = await temporaryFolder();
  const settings = ["--data", data, "--url", "https://chat.example.org"];
  const command = [process.execPath, "index.ts", "setup-link", ...settings];
  const child = Bun.spawn(command, { cwd: ROOT, env: cleanEnv(), stdout: "pipe" });
  const link = await new Response(child.stdout).text();
  expect(link).toStartWith("https://chat.example.org/admin/setup?token=");
  await rm(data, { recursive: true, force: true });
});
