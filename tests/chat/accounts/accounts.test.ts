import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Sessions } from "../../../lib/web/identity/session.ts";
import { Client, join, refusedUpgrade } from "../../support/people/client.ts";
import { administrator, owner, PASSWORD, Visitor, visitor } from "../../support/people/people.ts";
import { cleanEnv, ROOT, Server } from "../../support/servers/server.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe("the first administrator", () => {
  test("comes by the link in the log, once, and not by being first", async () => {
    await using own = await Server.start({ args: ["--limits", "off"] });
    const { url } = await own.logged("setup");
    const token = new URL(String(url)).searchParams.get("token") ?? "";
    expect(Buffer.from(token, "base64url")).toHaveLength(16);
    const first = await visitor(own);
    expect((await first.get("admin/setup?token=wrong")).status).toBe(403);
    const stolen = await first.submit("account/", "admin/setup", {
      name: "eve",
      password: PASSWORD,
      setup: "wrong",
    });
    expect(stolen.status).toBe(403);
    await administrator(own);
    const path = String(url).slice(own.url.length);
    const second = await visitor(own);
    const { status, text } = await second.get(path);
    expect(status).toBe(403);
    expect(text).not.toContain('<form class="action-form"');
    const again = await second.submit("account/", "admin/setup", {
      name: "eve",
      password: PASSWORD,
      setup: token,
    });
    expect(again.status).toBe(403);
  });

  test("has a link on the first start only, and it outlives a restart", async () => {
    await using first = await Server.start({ args: ["--limits", "off"] });
    const { url } = await first.logged("setup");
    await first.stop();
    await using second = await first.again();
    expect(second.log.some(({ msg }) => msg === "setup")).toBe(false);
    const someone = await visitor(second);
    const token = new URL(String(url)).searchParams.get("token") ?? "";
    const { status } = await someone.submit(`admin/setup?token=${token}`, "admin/setup", {
      name: "boss",
      password: PASSWORD,
      setup: token,
    });
    expect(status).toBe(303);
    await second.stop();
  });

  test("can be made anew by whoever has the data, and the link before it is void", async () => {
    await using first = await Server.start({ args: ["--limits", "off"] });
    const { url } = await first.logged("setup");
    const before = new URL(String(url)).searchParams.get("token") ?? "";
    await first.stop();
    const command = [process.execPath, "index.ts", "setup-link", "--data", first.data];
    const child = Bun.spawn(command, { cwd: ROOT, env: cleanEnv(), stdout: "pipe" });
    const path = (await new Response(child.stdout).text()).trim();
    expect(await child.exited).toBe(0);
    expect(path).toMatch(/^\/admin\/setup\?token=[\w-]{22}$/);
    await using second = await first.again();
    const someone = await visitor(second);
    const use = (setup: string) =>
      someone.submit("account/", "admin/setup", { name: "boss", password: PASSWORD, setup });
    expect((await use(before)).status).toBe(403);
    expect((await use(path.slice(path.indexOf("=") + 1))).status).toBe(303);
    expect((await someone.get("admin/")).status).toBe(200);
    await second.stop();
  });

  test("two who use the link at once: one of them becomes it", async () => {
    await using own = await Server.start({ args: ["--limits", "off"] });
    const { url } = await own.logged("setup");
    const setup = new URL(String(url)).searchParams.get("token") ?? "";
    const both = await Promise.all([visitor(own), visitor(own)]);
    const results = await Promise.all(
      both.map((someone, at) =>
        someone.submit("account/", "admin/setup", { name: `boss${at}`, password: PASSWORD, setup }),
      ),
    );
    expect(results.map(({ status }) => status).sort()).toEqual([303, 403]);
  });
});

describe("a claimed name", () => {
  test("is its owner's, on a second device too", async () => {
    const ada = await owner(server, "Ada");
    const one = await join(server, "names", { cookie: ada.cookie });
    expect(one.welcome.you).toMatchObject({ name: "Ada", role: "member" });
    const phone = await visitor(server);
    const fields = { name: "ada", password: PASSWORD };
    expect((await phone.submit("account/", "account/sign-in", fields)).status).toBe(303);
    const two = await join(server, "names", { cookie: phone.cookie });
    expect(two.welcome.you).toEqual(one.welcome.you);
    expect(two.welcome.count).toBe(1);
    await Promise.all([one.close(), two.close()]);
  });

  test.each(["Grace", "GRACE", "Grасe", "Ｇrace", "Gr ace"])(
    "nobody else may be called %s",
    async (name) => {
      if (name === "Grace") await owner(server, "Grace");
      expect(await refusedUpgrade(server.ws("names", { name }))).toBe(403);
      const someone = await visitor(server);
      const { status } = await someone.post("me", { name }, { accept: "application/json" });
      expect(status).toBe(403);
      const claim = await someone.submit("account/", "account/claim", { name, password: PASSWORD });
      expect(claim.status).toBe(403);
      const call = await fetch(new URL("api/v1/rooms/names/messages", server.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: "x", name }),
      });
      expect(call.status).toBe(403);
    },
  );

  test.each(["admin", "Аdmin", "moderator", "管理员", "system"])("%s is nobody's", async (name) => {
    expect(await refusedUpgrade(server.ws("names", { name }))).toBe(403);
    const someone = await visitor(server);
    const claim = await someone.submit("account/", "account/claim", { name, password: PASSWORD });
    expect(claim.status).toBe(403);
  });

  test("is taken from a guest who bore it and is away, and who comes back without it", async () => {
    const early = await visitor(server);
    await early.post("me", { name: "Turing" });
    const socket = await join(server, "names", { cookie: early.cookie });
    expect(socket.welcome.you.name).toBe("Turing");
    await socket.close();
    await owner(server, "turing");
    const back = await join(server, "names", { cookie: early.cookie });
    expect(back.welcome.you).toMatchObject({ id: socket.welcome.you.id, name: "" });
    await back.close();
  });

  test("by a guest who wrote before, keeps what they wrote theirs", async () => {
    const someone = await visitor(server);
    await someone.post("me", { name: "Noether" });
    const guest = await join(server, "before", { cookie: someone.cookie });
    const { seq } = await guest.post("as a guest");
    await guest.close();
    const cookieOfGuest = someone.cookie;
    await someone.submit("account/", "account/claim", { name: "Noether", password: PASSWORD });
    const member = await join(server, "before", { cookie: someone.cookie });
    expect(member.welcome.you.id).toBe(guest.welcome.you.id);
    member.send({ type: "edit", seq, text: "as myself" });
    await member.next("edited");
    // Their old guest cookie alone is nobody: a stolen one must not outlive the claim.
    const old = await join(server, "before", { cookie: cookieOfGuest });
    expect(old.welcome.you.id).not.toBe(member.welcome.you.id);
    await Promise.all([member.close(), old.close()]);
  });
});

describe("sessions", () => {
  test("end when signed out, and their sockets with them", async () => {
    const someone = await owner(server, "Lovelace");
    const socket = await join(server, "sessions", { cookie: someone.cookie });
    const cookie = someone.cookie;
    expect((await someone.submit("account/", "account/sign-out", {})).status).toBe(303);
    expect((await socket.closed).code).toBe(4003);
    const back = await join(server, "sessions", { cookie });
    expect(back.welcome.you.role).toBe("guest");
    await back.close();
  });

  test("end with what follows a room by them, too", async () => {
    const someone = await owner(server, "Babbage");
    const follow = (cookie: string) =>
      fetch(new URL("api/v1/rooms/sessions/events", server.url), { headers: { cookie } });
    const [own, other] = [
      await follow(someone.cookie),
      await follow((await visitor(server)).cookie),
    ];
    await someone.submit("account/", "account/sign-out", {});
    expect(await own.text()).toContain("welcome");
    const ada = await join(server, "sessions");
    await ada.post("still followed");
    let text = "";
    for await (const bytes of other.body ?? []) {
      text += new TextDecoder().decode(bytes);
      if (text.includes("still followed")) break;
    }
    expect(text).toContain("still followed");
    await ada.close();
  });

  test("are listed, and one can be ended from another", async () => {
    const laptop = await owner(server, "Hopper");
    const phone = new Visitor(server, { "user-agent": "Phone/1" });
    await phone.submit("account/", "account/sign-in", { name: "Hopper", password: PASSWORD });
    const { text } = await laptop.get("account/");
    expect(text).toContain("Phone/1");
    const row = text.slice(text.indexOf("Phone/1"));
    const session = /name="session"\s+value="([0-9a-f]{64})"/.exec(row)?.[1] ?? "";
    expect((await laptop.submit("account/", "account/end", { session })).status).toBe(303);
    expect((await join(server, "s", { cookie: phone.cookie })).welcome.you.role).toBe("guest");
    expect((await join(server, "s", { cookie: laptop.cookie })).welcome.you.role).toBe("member");
  });

  test("end by themselves 90 days after they were last used, and each page is a use", async () => {
    const someone = await owner(server, "Rip Van Winkle");
    const maxAge = async () => {
      const { headers } = await fetch(server.url, { headers: { cookie: someone.cookie } });
      const [session] = headers.getSetCookie().filter((each) => each.includes("-session="));
      return /Max-Age=(\d+)/.exec(session ?? "")?.[1];
    };
    expect(await maxAge()).toBe(String(90 * 24 * 60 * 60));
    const days = async (ago: number) => {
      const db = new Database(`${server.data}/chatroom.db`);
      const seen = Date.now() - ago * 86_400_000;
      db.run(
        `UPDATE sessions SET seen_at = ?1 WHERE person = (SELECT id FROM people WHERE name = ?2)`,
        [seen, "Rip Van Winkle"],
      );
      db.close();
    };
    await days(89);
    const { cookie } = someone;
    expect((await join(server, "s", { cookie })).welcome.you.role).toBe("member");
    await days(91);
    expect(await maxAge()).toBeUndefined();
    expect((await join(server, "s", { cookie })).welcome.you.role).toBe("guest");
  });

  test("of others end with a new password; the old one is none any more", async () => {
    const laptop = await owner(server, "Curie");
    const phone = await visitor(server);
    await phone.submit("account/", "account/sign-in", { name: "Curie", password: PASSWORD });
    const fields = { old: PASSWORD, password: "another horse" };
    const wrong = await laptop.submit("account/", "account/password", { ...fields, old: "wrong" });
    expect(wrong.status).toBe(403);
    expect((await laptop.submit("account/", "account/password", fields)).status).toBe(303);
    expect((await join(server, "s", { cookie: phone.cookie })).welcome.you.role).toBe("guest");
    expect((await join(server, "s", { cookie: laptop.cookie })).welcome.you.role).toBe("member");
    const old = { name: "Curie", password: PASSWORD };
    expect((await phone.submit("account/", "account/sign-in", old)).status).toBe(403);
  });
});

describe("leaving for good", () => {
  test("takes the account, the name and every message with it", async () => {
    const someone = await owner(server, "Kepler");
    const socket = await join(server, "leaving", { cookie: someone.cookie });
    const other = await join(server, "leaving");
    const { seq } = await socket.post("my words");
    expect((await someone.submit("account/", "account/delete", { old: "wrong" })).status).toBe(403);
    expect((await someone.submit("account/", "account/delete", { old: PASSWORD })).status).toBe(
      303,
    );
    expect((await socket.closed).code).toBe(4003);
    expect((await other.next("deleted")).target).toBe(seq);
    const late = await join(server, "leaving");
    expect(JSON.stringify(late.welcome.messages)).not.toContain("my words");
    await owner(server, "Kepler");
    await Promise.all([other.close(), late.close()]);
  });
});

describe("forms", () => {
  test("of another site, or without the token, do nothing", async () => {
    const someone = await owner(server, "Gauss");
    const { text } = await someone.get("account/");
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
    const tries = [
      someone.post("account/sign-out", {}),
      someone.post("account/sign-out", { token: "A".repeat(22) }),
      someone.post("account/sign-out", { token }, { origin: "https://evil.example" }),
      someone.post("account/sign-out", { token }, { "sec-fetch-site": "cross-site" }),
    ];
    for (const { status } of await Promise.all(tries)) expect(status).toBe(403);
    const still = await join(server, "forms", { cookie: someone.cookie });
    expect(still.welcome.you.role).toBe("member");
    await still.close();
    expect((await someone.post("account/sign-out", { token })).status).toBe(303);
  });

  test("one visitor's token is of no use to another", async () => {
    const [one, other] = [await owner(server, "Euler"), await owner(server, "Newton")];
    const { text } = await one.get("account/");
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
    expect((await other.post("account/sign-out", { token })).status).toBe(403);
  });
});

test("why not is said in the visitor's language", async () => {
  const someone = await visitor(server, { "accept-language": "zh-CN" });
  const fields = { name: "Nobody", password: "wrong password" };
  expect((await someone.submit("account/", "account/sign-in", fields)).text).toContain(
    "名字或密码不对。",
  );
  const { text } = await someone.post("me", { name: "管理员" }, { accept: "application/json" });
  expect(JSON.parse(text)).toEqual({
    error: { code: "not_allowed", message: "这个名字是保留的。" },
  });
  const path = "api/v1/rooms/said/messages?limit=x";
  expect((await someone.get(path)).text).toContain("must be a whole number");
});

describe("passwords", () => {
  test.each(["", "short", "x".repeat(201)])("%p is none", async (password) => {
    const someone = await visitor(server);
    const { status } = await someone.submit("account/", "account/claim", {
      name: "Pass",
      password,
    });
    expect([400, 413]).toContain(status);
  });

  test("may be tried ten times by an address, then it must wait", async () => {
    await using own = await Server.start();
    const someone = await visitor(own);
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      const fields = { name: `nobody${tries}`, password: "wrong password" };
      statuses.push((await someone.submit("account/", "account/sign-in", fields)).status);
    }
    expect(statuses.slice(0, 10)).toEqual(new Array(10).fill(403));
    expect(statuses.slice(10)).toEqual([429, 429]);
  });

  test("an unknown name takes as long as a known one", async () => {
    await owner(server, "Galois");
    const someone = await visitor(server);
    const time = async (name: string) => {
      const started = performance.now();
      await someone.submit("account/", "account/sign-in", { name, password: "wrong password" });
      return performance.now() - started;
    };
    await time("warm up");
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let at = 0; at < 7; at += 1) {
      known.push(await time("Galois"));
      unknown.push(await time("Nobody at all"));
    }
    // Far apart, where one of the two did not hash: some 20 ms against less than 3.
    expect(median(unknown) / median(known)).toBeWithin(0.5, 2);
  });
});

test("a socket that only offers a bad session is a guest", async () => {
  const client = new Client(server, "bad", { cookie: `chatroom-session=${"A".repeat(43)}` });
  expect((await client.next("welcome")).you.role).toBe("guest");
  await client.close();
});

describe("the cookie of a session", () => {
  test("is HttpOnly and SameSite, and with TLS also Secure and __Host-", () => {
    const plain = new Sessions(new Uint8Array(32), false).issueSession("secret");
    expect(plain).toStartWith("chatroom-session=secret");
    const secure = new Sessions(new Uint8Array(32), true).issueSession("secret");
    expect(secure).toStartWith("__Host-chatroom-session=secret");
    for (const part of ["HttpOnly", "SameSite=Lax", "Path=/"]) {
      expect(plain).toContain(part);
      expect(secure).toContain(part);
    }
    expect(secure).toContain("Secure");
    expect(secure).not.toContain("Domain");
    expect(plain).not.toContain("Secure");
  });

  test("brought by another site's page opens no socket", async () => {
    const someone = await owner(server, "Ramanujan");
    const [session = ""] = someone.cookie.split("; ").filter((each) => each.includes("-session="));
    const origin = "https://evil.example";
    expect(await refusedUpgrade(server.ws("foreign"), { cookie: session, origin })).toBe(403);
    const own = await join(server, "foreign", { cookie: session, origin: server.url.slice(0, -1) });
    expect(own.welcome.you.name).toBe("Ramanujan");
    await own.close();
  });
});
