import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { COMMANDS } from "../../../lib/model/rooms/commands.ts";
import { type Client, join, joinPlain } from "../../support/people/client.ts";
import { administrator, type Visitor, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../../support/servers/servers.ts";

setDefaultTimeout(120_000);

/** What one of the two databases cannot store, or cannot store everywhere. */
const ODD: Readonly<Record<string, string>> = {
  "U+0000": "a\0b",
  "a lone surrogate": "a\ud800b",
  "a word of 10,000 bytes": "x".repeat(10_000),
  "an emoji where texts are cut": "x".repeat(63) + "😀".repeat(200),
  "a number that is none": "1e400",
  "a number past 64 bits": "99999999999999999999",
};

/** Everything that one value goes through: resolves to what was answered. */
type Door = (value: string) => Promise<unknown>;

interface World {
  readonly server: Server;
  readonly admin: Visitor;
  readonly hook: string;
}

const SECTIONS = [
  "rooms",
  "here",
  "people",
  "reports",
  "bans",
  "invitations",
  "bots",
  "tokens",
  "audit",
];
const VERBS: Readonly<Record<string, readonly string[]>> = {
  lock: ["room"],
  kick: ["room", "id", "name"],
  "ban-person": ["room", "id", "name"],
  ban: ["subject", "reason"],
  lift: ["sanction", "subject", "name"],
  upheld: ["report"],
  dismissed: ["report"],
  revoke: ["hash"],
  token: ["name", "room"],
  untoken: ["hash", "name"],
  role: ["id", "role"],
  floods: ["person.burst", "network.perSecond"],
};
/** What else a verb needs to come as far as the field in question. */
const GOOD: Readonly<Record<string, string>> = {
  room: "odd",
  id: "AAAAAAAAAAAAAAAA",
  name: "Zoe",
  subject: "#AAAAAAAAAAAAAAAA",
  sanction: "1",
  report: "1",
  hash: "00",
  role: "member",
};

function doors({ server, admin, hook }: World): Readonly<Record<string, Door>> {
  let ids = 0;
  const at = (path: string, query: Readonly<Record<string, string>> = {}) => {
    const url = new URL(path, server.url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  };
  const status = async (answer: Promise<Response>) => {
    const response = await answer;
    const text = await response.text();
    return [response.status, /"code":"(\w+)"/.exec(text)?.[1]];
  };
  const get = (path: string, query = {}, headers = {}) =>
    status(fetch(at(path, query), { headers, redirect: "manual" }));
  const begun = async (path: string, headers = {}) => {
    const { status: code, body } = await fetch(at(path), { headers });
    await body?.cancel();
    return code;
  };
  const json = (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    return status(fetch(at(path), { method: "POST", headers, body: JSON.stringify(body) }));
  };
  const frame = (make: (value: string) => object): Door => {
    return async (value) => {
      const client = await join(server, "odd");
      client.send(make(value));
      const answer = await answered(client);
      await client.close();
      return answer;
    };
  };
  const command = (typed: (value: string) => string): Door => {
    return async (value) => {
      const client = await join(server, `odd-${(ids += 1)}`, { cookie: admin.cookie });
      client.say(typed(value));
      const answer = await answered(client);
      await client.close();
      return answer;
    };
  };
  const form = (
    page: string,
    action: string,
    make: (value: string) => Record<string, string>,
  ): Door => {
    return async (value) => {
      const someone = await visitor(server);
      return (await someone.submit(page, action, make(value))).status;
    };
  };
  const found: Record<string, Door> = {
    "send.text": frame((text) => ({ type: "send", id: "a", text })),
    "send.id": frame((id) => ({ type: "send", id, text: "hi" })),
    "send.ref": frame((ref) => ({ type: "send", id: `r${(ids += 1)}`, text: "hi", ref })),
    "send.files": frame((file) => ({ type: "send", id: "f", text: "hi", files: [file] })),
    "edit.text": frame((text) => ({ type: "edit", seq: 1, text })),
    "react.emoji": frame((emoji) => ({ type: "react", seq: 1, emoji, on: true })),
    "history.before": frame((before) => ({
      type: "history",
      before: Number(before),
      limit: 1e400,
    })),
    "plain text": async (value) => {
      const client = await joinPlain(server, "plain");
      client.raw(value);
      const line = await client.next();
      await client.close();
      return line.slice(0, 12);
    },
    "POST text": (text) => json("api/v1/rooms/odd/messages", { text }),
    "POST id": (id) => json("api/v1/rooms/odd/messages", { text: "hi", id }),
    "POST name": (name) => json("api/v1/rooms/odd/messages", { text: "hi", name }),
    "POST files": (file) => json("api/v1/rooms/odd/messages", { text: "hi", files: [file] }),
    "POST room": (room) => json(`api/v1/rooms/${encoded(room)}/messages`, { text: "hi" }),
    "GET room": (room) => get(`api/v1/rooms/${encoded(room)}/messages`),
    "events room": (room) => begun(`api/v1/rooms/${encoded(room)}/events`),
    "events last-event-id": (id) =>
      begun("api/v1/rooms/odd/events", { "last-event-id": `${encoded(id).slice(0, 70)}:1` }),
    "upload name": (name) =>
      status(fetch(at("api/v1/rooms/odd/files", { name }), { method: "POST", body: "bytes" })).then(
        ([code]) => code,
      ),
    "hook token": (token) => json(`hooks/${encoded(token)}`, { text: "hi" }),
    "hook text": (text) => json(hook, { text }),
    "hook username": (username) => json(hook, { text: "hi", username }),
    "page of a room": (room) => get(`rooms/${encoded(room)}`),
    "lobby's room": (room) => get("rooms/", { room }),
    "notes' room": (num) => get("index/", { num }),
    invitation: (token) => get(`invite/${encoded(token)}`),
    "file id": (id) => get(`files/${encoded(id)}/a`),
    "file name": (name) => get(`files/${"0".repeat(32)}/${encoded(name)}`),
    "set-up token": (token) => get("admin/setup", { token }),
    "account address": (verb) => get(`account/${encoded(verb)}`),
    claim: form("account/", "account/claim", (name) => ({ name, password: "correct horse" })),
    "claim password": form("account/", "account/claim", (password) => ({ name: "Odd", password })),
    "sign-in": form("account/", "account/sign-in", (name) => ({ name, password: "correct horse" })),
    "sign-in password": form("account/", "account/sign-in", (password) => ({
      name: "boss",
      password,
    })),
    "set-up": form("account/", "admin/setup", (setup) => ({
      setup,
      name: "Odd",
      password: "correct horse",
    })),
    "room password": form("account/", "rooms/odd/password", (password) => ({ password })),
    invited: form("account/", "invite/x", (token) => ({ token2: token })),
    "end a session": async (session) =>
      (await admin.submit("account/", "account/end", { session })).status,
    "old password": async (old) =>
      (await admin.submit("account/", "account/password", { old, password: "correct horse" }))
        .status,
    "form of a message": async (text) =>
      (await (await visitor(server)).post("rooms/odd", { text })).status,
    "form of a command": async (text) =>
      (await (await visitor(server)).post("rooms/odd", { text: `/topic ${text}` })).status,
  };
  for (const name of ["name", "password", "history", "epoch", "after"]) {
    found[`socket ${name}`] = async (value) =>
      (await refusedOrOpen(server.ws("odd", { [name]: value }))) === 101 ? "open" : "refused";
  }
  for (const name of ["q", "before", "after", "limit"]) {
    found[`GET ${name}`] = (value) => get("api/v1/rooms/odd/messages", { [name]: value });
  }
  for (const name of ["name", "language", "next"]) {
    found[`me ${name}`] = async (value) =>
      (await (await visitor(server)).post("me", { [name]: value })).status;
  }
  for (const { name } of COMMANDS) {
    found[`/${name}`] = command((value) => `/${name} ${value}`);
    found[`/${name} 1`] = command((value) => `/${name} 1 ${value}`);
    found[`/${name} boss`] = command((value) => `/${name} boss ${value}`);
    found[`/${name} #`] = command((value) => `/${name} #${value}`);
  }
  for (const section of SECTIONS) {
    found[`admin ${section} q`] = async (q) =>
      (await admin.get(`admin/${section}?${new URLSearchParams({ q })}`)).status;
    found[`admin ${section} skip`] = async (skip) =>
      (await admin.get(`admin/${section}?${new URLSearchParams({ skip })}`)).status;
  }
  for (const [verb, fields] of Object.entries(VERBS)) {
    for (const field of fields) {
      found[`admin ${verb} ${field}`] = async (value) => {
        const good = Object.fromEntries(fields.map((each) => [each, GOOD[each] ?? "5"]));
        const page = verb === "floods" ? "admin/settings" : "admin/bans";
        return (await admin.submit("admin/bans", page, { ...good, verb, [field]: value })).status;
      };
    }
  }
  return found;
}

/** As a path segment; a lone surrogate as the bytes it would have. */
function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed()) || "x";
}

/** The code of the error, or the type of whatever else the server answers first. */
async function answered(client: Client): Promise<string> {
  let isClosed = false;
  void client.closed.then(() => (isClosed = true));
  for (;;) {
    const answer = client.frames.find(
      ({ type }) => !["welcome", "presence", "room"].includes(type),
    );
    if (answer) return "code" in answer ? answer.code : answer.type;
    if (isClosed) return "closed";
    await Bun.sleep(1);
  }
}

async function refusedOrOpen(url: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = new WebSocket(url, "chat.v1");
  socket.onopen = () => resolve(101);
  socket.onerror = () => resolve(400);
  const status = await promise;
  socket.close();
  return status;
}

/** What each door answers to each odd value; the server must have logged no fault meanwhile. */
async function answersOf(server: Server): Promise<Record<string, unknown>> {
  const admin = await administrator(server);
  const { text } = await admin.submit("admin/tokens", "admin/tokens", {
    verb: "token",
    name: "ci",
    room: "odd",
  });
  const [hook = ""] = /http[^<\s"]*\/hooks\/[\w-]+/.exec(text) ?? [];
  const answers: Record<string, unknown> = {};
  for (const [name, door] of Object.entries(doors({ server, admin, hook }))) {
    for (const [called, value] of Object.entries(ODD)) {
      answers[`${name}: ${called}`] = await door(value);
    }
  }
  return answers;
}

/** What U+0000 is answered with, by kind of door. */
const INVALID: Readonly<Record<string, unknown>> = {
  "send.text": "invalid",
  "send.id": "invalid",
  "/topic": "invalid",
  "/report 1": "invalid",
  "/kick boss": "invalid",
  "POST text": [400, "invalid"],
  "POST id": [400, "invalid"],
  "hook text": [400, "invalid"],
  "admin ban reason": 400,
  "end a session": 400,
  "sign-in": 400,
  "form of a message": 400,
};

const databases: (string | null)[] = [null];
if (await hasPostgres()) {
  const database = await emptyDatabase();
  databases.push(database.url);
  afterAll(() => database[Symbol.asyncDispose]());
}

describe("odd input at every door is refused or taken, and is no fault of the server", () => {
  const all: Record<string, unknown>[] = [];
  for (const url of databases) {
    test(url === null ? "on SQLite" : "on PostgreSQL", async () => {
      const args = ["--limits", "off", ...(url === null ? [] : ["--database", url])];
      await using server = await Server.start({ args });
      const answers = await answersOf(server);
      all.push(answers);
      const isFault = (answer: unknown) => /internal|\b5\d\d\b/.test(JSON.stringify(answer));
      expect(Object.entries(answers).filter(([, answer]) => isFault(answer))).toEqual([]);
      expect(server.log.filter(({ level }) => level === "error")).toEqual([]);
      expect(Object.keys(answers).length).toBeGreaterThan(1_000);
      for (const [door, invalid] of Object.entries(INVALID)) {
        expect([door, answers[`${door}: U+0000`]]).toEqual([door, invalid]);
      }
    });
  }

  test.if(databases.length > 1)("alike on both", () => {
    expect(all[1]).toEqual(all[0] ?? {});
  });
});
