import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { guest, join, refusedUpgrade } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const FRIEND = "https://friend.example";

let server: Server;
let cookie: string;
let me: string;
let port: string;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off", "--origin", FRIEND] });
  cookie = await guest(server);
  const client = await join(server, "me", { cookie });
  me = client.welcome.you.id;
  port = new URL(server.url).port;
  await client.close();
});
afterAll(() => server[Symbol.asyncDispose]());

/** As whom a page of `origin` comes in. */
async function whoFrom(origin: string | undefined, withCookie = true): Promise<string> {
  const options = {
    ...(origin === undefined ? {} : { origin }),
    ...(withCookie ? { cookie } : {}),
  };
  const client = await join(server, "origins", options);
  await client.close();
  return client.welcome.you.id;
}

describe("a socket that brings our cookie", () => {
  test("from no page, from our own page, or from an allowed one, is that person", async () => {
    expect(await whoFrom(undefined)).toBe(me);
    expect(await whoFrom(`http://127.0.0.1:${port}`)).toBe(me);
    expect(await whoFrom(FRIEND)).toBe(me);
    expect(await whoFrom(FRIEND.toUpperCase())).toBe(me);
  });

  test("from the same host on another port is a guest of its own", async () => {
    const one = await whoFrom("http://127.0.0.1:1");
    const two = await whoFrom("http://127.0.0.1:1");
    expect(new Set([me, one, two]).size).toBe(3);
  });

  test.each([
    ["https://evil.example"],
    ["http://friend.example"],
    ["https://friend.example.evil.example"],
    ["https://friend.example:444"],
    ["http://127.0.0.1.evil.example"],
    ["http://localhost"],
    ["null"],
    ["file://"],
    [""],
    ["nonsense"],
  ])("from %j is not let in: 403", async (origin) => {
    expect(await refusedUpgrade(server.ws("origins"), { origin, cookie })).toBe(403);
  });
});

describe("a socket without a cookie", () => {
  test("is let in from anywhere, as a guest of its own", async () => {
    const ids = new Set([me]);
    for (const origin of ["https://evil.example", "null", "file://", FRIEND]) {
      ids.add(await whoFrom(origin, false));
    }
    ids.add(await whoFrom(undefined, false));
    expect(ids.size).toBe(6);
  });
});

describe("a cookie that is not ours", () => {
  test("forged, changed or cut, it is a guest of its own and not that person", async () => {
    const [name = "", value = ""] = cookie.split("=");
    const [id = "", rest = ""] = [value.slice(0, 16), value.slice(16)];
    const other = `${id.slice(0, -1)}${id.endsWith("A") ? "B" : "A"}`;
    for (const forged of [
      `${name}=`,
      `${name}=x`,
      `${name}=${other}${rest}`,
      `${name}=${value.slice(0, -1)}`,
      `${name}=${value}x`,
      `${name}=${id}..${"A".repeat(43)}`,
      `${name}=${"x".repeat(4_000)}`,
      `${name}=%00%ff`,
    ]) {
      const client = await join(server, "forged", { cookie: forged });
      expect([me, other]).not.toContain(client.welcome.you.id);
      await client.close();
    }
  });
});
