import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join as path } from "node:path";
import { guest, join, joinPlain } from "../../support/people/client.ts";
import { download, photo, picture, PIXEL, PLACE, upload } from "../../support/files.ts";
import { administrator, type Visitor, visitor } from "../../support/people/people.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

setDefaultTimeout(20_000);

let server: Server;
let cookie: string;
let boss: Visitor;
let ids = 0;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
  cookie = await guest(server);
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());
const newRoom = () => `files-${(ids += 1)}`;
/** Uploads, as the guest of all these tests. */
const put = (room: string, name: string, body: BodyInit) =>
  upload(server, room, name, body, { cookie });
/** Uploads, and sends it. */
async function sent(room: string, name: string, body: BodyInit, text = "") {
  const { file } = await put(room, name, body);
  const ada = await join(server, room, { cookie });
  const id = `m-${file.id}`;
  ada.send({ type: "send", id, text, files: [file.id] });
  const message = await ada.next("message", (each) => each.id === id);
  await ada.close();
  return { file, message };
}

describe("an upload", () => {
  test("is sent by its id, and the message says what it is", async () => {
    const room = newRoom();
    const { status, file } = await put(room, "图 1.png", await picture(1200, 600));
    expect(status).toBe(201);
    const size = { width: 1200, height: 600 };
    expect(file).toMatchObject({ name: "图 1.png", type: "image/png", ...size });
    const [ada, bo] = [await join(server, room, { cookie }), await join(server, room)];
    ada.send({ type: "send", id: "one", text: "look", files: [file.id] });
    expect(await bo.next("message")).toMatchObject({ text: "look", files: [file] });
    const late = await join(server, room);
    expect(late.welcome.messages).toMatchObject([{ files: [file] }]);
    for (const each of [ada, bo, late]) await each.close();
  });

  test("may go without a word; nothing at all may not", async () => {
    const room = newRoom();
    const { file } = await put(room, "a.txt", "hello");
    const ada = await join(server, room, { cookie });
    ada.send({ type: "send", id: "none", text: "", files: [] });
    expect((await ada.next("error")).code).toBe("invalid");
    ada.send({ type: "send", id: "one", text: "", files: [file.id] });
    expect(await ada.next("message")).toMatchObject({ text: "", files: [{ name: "a.txt" }] });
    await ada.close();
  });

  test("sent again under the same id is the first message; under another id it is gone", async () => {
    const room = newRoom();
    const { file, message } = await sent(room, "a.txt", "hello");
    const ada = await join(server, room, { cookie });
    ada.send({ type: "send", id: message.id, text: "", files: [file.id] });
    expect(await ada.next("message")).toMatchObject({ seq: message.seq, files: [file] });
    ada.send({ type: "send", id: "other", text: "", files: [file.id] });
    expect(await ada.next("error")).toMatchObject({ code: "not_found", id: "other" });
    await ada.close();
  });

  test("of someone else, or of another room, is nobody's to send", async () => {
    const [room, elsewhere] = [newRoom(), newRoom()];
    const mine = (await put(elsewhere, "a.txt", "hello")).file;
    const theirs = (await upload(server, room, "b.txt", "b", { cookie: await guest(server) })).file;
    const ada = await join(server, room, { cookie });
    for (const { id } of [mine, theirs, { id: "0".repeat(32) }, { id: "../../etc/passwd" }]) {
      ada.send({ type: "send", id, text: "x", files: [id] });
      expect(await ada.next("error")).toMatchObject({ code: "not_found", id });
    }
    const eleven = Array.from({ length: 11 }, (_, at) => `${at}`);
    for (const files of [eleven, ["a", "a"], ["x".repeat(65)], [1], "a"]) {
      ada.send({ type: "send", id: "bad", text: "x", files });
      expect(await ada.next("error")).toMatchObject({ code: "invalid", id: "bad" });
    }
    await ada.close();
  });

  test("comes as a form too, and by the HTTP API a message takes it", async () => {
    const room = newRoom();
    const form = new FormData();
    form.set("file", new File(["hello"], "from a form.txt"));
    const { status, file } = await upload(server, room, "", form);
    expect(status).toBe(201);
    expect(file).toMatchObject({ name: "from a form.txt", type: "text/plain", size: 5 });
    const post = (body: object) =>
      fetch(new URL(`api/v1/rooms/${room}/messages`, server.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const answer = await post({ name: "ci", files: [file.id] });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ text: "", files: [file] });
    for (const files of [[file.id, file.id], "x", [7]]) {
      expect((await post({ text: "x", files })).status).toBe(400);
    }
    expect((await post({ text: "x", files: [file.id] })).status).toBe(404);
  });

  test("by the form of a page without scripts is posted with its text", async () => {
    const room = newRoom();
    const form = new FormData();
    form.set("text", "by hand");
    form.append("file", new File([PIXEL], "dot.png"));
    form.append("file", new File(["b"], "b.txt"));
    const url = new URL(`rooms/${room}`, server.url);
    const own = { cookie, origin: url.origin };
    const answer = await fetch(url, {
      method: "POST",
      body: form,
      headers: own,
      redirect: "manual",
    });
    expect(answer.status).toBe(303);
    const html = await (await fetch(url, { headers: { cookie } })).text();
    expect(html).toContain('alt="dot.png"');
    expect(html).toMatch(/<bdi>b\.txt<\/bdi> <small>1 B<\/small>/);
    const foreign = { cookie, origin: "https://evil.example" };
    const refused = await fetch(url, { method: "POST", body: form, headers: foreign });
    expect(refused.status).toBe(403);
  });

  test("is a line with its address for those who have no frames", async () => {
    const room = newRoom();
    const plain = await joinPlain(server, room);
    const ada = await join(server, room, { cookie, name: "Ada" });
    const { file } = await put(room, "图 1.png", PIXEL);
    const address = `${server.url}files/${file.id}/${encodeURIComponent("图 1.png")}`;
    ada.say("before");
    ada.send({ type: "send", id: "f", text: "look", files: [file.id] });
    await ada.post("after");
    expect(await plain.next()).toBe("Ada: before");
    expect(await plain.next()).toBe(`Ada: look\n${address}`);
    expect(await plain.next()).toBe("Ada: after");
    expect((await fetch(address)).status).toBe(200);
    const late = await joinPlain(server, room, { history: 2 });
    expect(await late.next()).toBe(`Ada: look\n${address}`);
    for (const each of [plain, ada, late]) await each.close();
  });

  test("of a photo does not tell where it was taken", async () => {
    const { file } = await sent(newRoom(), "IMG_1.jpg", await photo(1600, 900));
    expect(file).toMatchObject({ type: "image/jpeg", width: 900, height: 1600 });
    for (const query of ["", "?thumb"]) {
      const bytes = await (await download(server, file, {}, query)).bytes();
      expect(Buffer.from(bytes).toString("latin1")).not.toContain(PLACE);
      const { width, height } = await new Bun.Image(bytes).metadata();
      expect(width < height).toBe(true);
    }
  });
});

describe("an upload is refused", () => {
  const no = async (answer: Promise<{ status: number; code: string | undefined }>) => {
    const { status, code } = await answer;
    return [status, code];
  };

  test("that is too large, empty, or does not say how long it is", async () => {
    const room = newRoom();
    const large = new Uint8Array(25 * 1024 * 1024 + 1);
    expect(await no(put(room, "large", large))).toEqual([413, "too_long"]);
    const larger = new Uint8Array(26 * 1024 * 1024);
    expect(await no(put(room, "larger", larger))).toEqual([413, "too_long"]);
    const form = new FormData();
    form.set("file", new File([larger], "x"));
    expect(await no(put(room, "", form))).toEqual([413, "too_long"]);
    expect(await no(put(room, "empty", ""))).toEqual([400, "invalid"]);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("x"));
        controller.close();
      },
    });
    expect(await no(put(room, "stream", stream))).toEqual([411, "invalid"]);
    expect(await no(put("no room", "x", "x"))).toEqual([404, "not_found"]);
    expect((await put(room, "whole", large.subarray(1))).status).toBe(201);
  });

  test("that another site's page sends, with a cookie or without", async () => {
    const room = newRoom();
    for (const headers of [
      { cookie, origin: "https://evil.example" },
      { origin: "https://evil.example" },
      { cookie, "sec-fetch-site": "cross-site" },
      { cookie, "sec-fetch-site": "same-site" },
    ]) {
      expect(await no(upload(server, room, "x", "x", headers))).toEqual([403, "not_allowed"]);
    }
    const { origin } = new URL(server.url);
    const own = { cookie, origin, "sec-fetch-site": "same-origin" };
    expect((await upload(server, room, "x", "x", own)).status).toBe(201);
  });

  test("of whoever may not post: muted, banned, outside a closed room", async () => {
    const room = newRoom();
    const [mallory, eve] = [await visitor(server), await visitor(server)];
    const say = (text: string) => boss.post(`rooms/${room}`, { text });
    const sockets = [
      await join(server, room, { cookie: mallory.cookie, name: "Mallory" }),
      await join(server, room, { cookie: eve.cookie, name: "Eve" }),
    ];
    await say("/mute Mallory");
    const by = (who: { cookie: string }) =>
      no(upload(server, room, "x", "x", { cookie: who.cookie }));
    expect(await by(mallory)).toEqual([403, "muted"]);
    await say("/ban Eve");
    expect(await by(eve)).toEqual([403, "not_allowed"]);
    for (const socket of sockets) await socket.close();
    const closed = newRoom();
    await boss.post(`rooms/${closed}`, { text: "/close members" });
    expect(await no(put(closed, "x", "x"))).toEqual([403, "not_allowed"]);
    expect((await upload(server, closed, "x", "x", { cookie: boss.cookie })).status).toBe(201);
  });

  test("that is more than its person, or its address, is granted", async () => {
    await using strict = await Server.start({ args: ["--upload", "1"] });
    const half = new Uint8Array(512 * 1024);
    const me = { cookie: await guest(strict) };
    const codes = [];
    for (let at = 0; at < 18; at += 1) codes.push((await upload(strict, "r", "x", half, me)).code);
    expect(codes.slice(0, 16).every((code) => code === undefined)).toBe(true);
    expect(codes.at(-1)).toBe("too_fast");
    // The address has given as much, whoever comes from it.
    const other = { cookie: await guest(strict) };
    expect((await upload(strict, "r", "x", half, other)).code).toBe("too_fast");
    expect((await upload(strict, "r", "x", new Uint8Array(1024 * 1024 + 1))).status).toBe(413);
  });

  test("everywhere with --upload 0, and the page is told", async () => {
    await using none = await Server.start({ args: ["--upload", "0"] });
    const answer = await upload(none, "r", "x", "x");
    expect([answer.status, answer.code]).toEqual([403, "not_allowed"]);
    const ada = await join(none, "r");
    expect(ada.welcome.limits.upload).toBe(0);
    await ada.close();
  });
});

describe("a file", () => {
  test("is served as what it is, in a way that nothing in it can run", async () => {
    const { file } = await sent(newRoom(), 'a "b" 图.png', await picture(1200, 600));
    const response = await download(server, file);
    expect(response.status).toBe(200);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      "content-type": "image/png",
      "content-disposition": `inline; filename="a _b_ _.png"; filename*=UTF-8''a%20_b_%20%E5%9B%BE.png`,
      "x-content-type-options": "nosniff",
      "cache-control": "private, max-age=31536000, immutable",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).toContain("sandbox");
    expect((await response.bytes()).length).toBe(file.size);
    const small = await download(server, file, {}, "?thumb");
    expect(small.headers.get("content-type")).toBe("image/webp");
    const { width, height } = await new Bun.Image(await small.bytes()).metadata();
    expect([width, height]).toEqual([800, 400]);
  });

  test.each([
    ["page.html", "<!doctype html><script>alert(1)</script>"],
    ["picture.svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ["cat.png", "<html><body onload=alert(1)>"],
    ["cat.jpg", "\xff\xd8\xff no picture at all"],
    ["script.js", "alert(1)"],
    ["paper.pdf", "%PDF-1.7"],
    ["page.xhtml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
  ])("%s is only ever saved", async (name, text) => {
    const body = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const { file, message } = await sent(newRoom(), name, body);
    expect(message.files?.[0]).not.toHaveProperty("width");
    const { headers } = await download(server, file);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toStartWith("attachment;");
  });

  test("is given in part, and not again to whoever has it", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const { file } = await sent(newRoom(), "x.bin", bytes);
    const part = await download(server, file, { range: "bytes=1000-1999" });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe("bytes 1000-1999/60000");
    expect(await part.bytes()).toEqual(bytes.subarray(1000, 2000));
    const beyond = await download(server, file, { range: "bytes=60000-" });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get("content-range")).toBe("bytes */60000");
    expect(await beyond.json()).toMatchObject({ error: { code: "invalid" } });
    const etag = part.headers.get("etag") ?? "";
    expect((await download(server, file, { "if-none-match": etag })).status).toBe(304);
    const address = new URL(`files/${file.id}/x.bin`, server.url);
    const head = await fetch(address, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe("60000");
  });

  test("is under its own id and name alone", async () => {
    const { file } = await sent(newRoom(), "x.bin", "hello");
    for (const [id, name] of [
      [file.id, "y.bin"],
      [file.id, "../x.bin"],
      [file.id.slice(1), "x.bin"],
      [file.id.toUpperCase(), "x.bin"],
      ["..%2f..%2fchatroom.db", "x.bin"],
      [`${file.id}.thumb`, "x.bin"],
      ["0".repeat(32), "x.bin"],
    ] as const) {
      expect((await download(server, { id, name })).status).toBe(404);
    }
  });

  test("that was not sent yet is for its owner's eyes", async () => {
    const { file } = await put(newRoom(), "x.bin", "hello");
    expect((await download(server, file, { cookie })).status).toBe(200);
    expect((await download(server, file)).status).toBe(404);
    expect((await download(server, file, { cookie: await guest(server) })).status).toBe(404);
  });

  test("goes with its message", async () => {
    const room = newRoom();
    const { file, message } = await sent(room, "x.bin", "hello");
    expect((await download(server, file)).status).toBe(200);
    const ada = await join(server, room, { cookie });
    ada.send({ type: "delete", seq: message.seq });
    await ada.next("deleted");
    expect((await download(server, file)).status).toBe(404);
    await ada.close();
  });
});

describe("in a room that is not for everyone", () => {
  test("a file is for those who may be in it, as soon as that changes", async () => {
    await using own = await Server.start({ args: ["--limits", "off"] });
    const boss = await administrator(own);
    const mallory = await visitor(own);
    const { file } = await upload(own, "r", "x.bin", "hello", { cookie: boss.cookie });
    const socket = await join(own, "r", { cookie: boss.cookie });
    socket.send({ type: "send", id: "a", text: "", files: [file.id] });
    await socket.next("message");
    const read = async () => (await download(own, file, { cookie: mallory.cookie })).status;
    expect(await read()).toBe(200);
    await boss.post("rooms/r", { text: "/close members" });
    expect(await read()).toBe(404);
    expect((await download(own, file, { cookie: boss.cookie })).status).toBe(200);
    await boss.post("rooms/r", { text: "/close open" });
    expect(await read()).toBe(200);
    // A moderator's report hides it at once.
    await boss.post("rooms/r", { text: "/report #1 bad" });
    expect(await read()).toBe(404);
    const reports = (await boss.get("admin/reports")).text;
    expect(reports).toContain(`href="../files/${file.id}/x.bin" download`);
    const late = await join(own, "r");
    expect(late.welcome.messages?.[0]).not.toHaveProperty("files");
    for (const each of [socket, late]) await each.close();
  });
});

describe("an upload that does not come to its end", () => {
  test("leaves nothing, whether its sender or the server goes", async () => {
    const own = await Server.start({ args: ["--limits", "off"] });
    await using _ = own;
    const { port } = new URL(own.url);
    const begin = async () => {
      const socket = await Bun.connect({
        hostname: "127.0.0.1",
        port: Number(port),
        socket: { data: () => undefined },
      });
      const head = "POST /api/v1/rooms/r/files?name=half.bin HTTP/1.1\r\nhost: x\r\n";
      socket.write(`${head}content-length: 1000000\r\n\r\n${"x".repeat(300_000)}`);
      return socket;
    };
    const incoming = () => readdir(path(own.data, "files", "incoming"));
    const socket = await begin();
    await eventually(async () => (await incoming().catch(() => [])).length > 0);
    socket.terminate();
    await own.logged("upload broken off");
    await eventually(async () => (await incoming()).length === 0);
    await begin();
    await eventually(async () => (await incoming()).length > 0);
    await own.kill();
    const again = await own.again();
    await using __ = again;
    expect((await upload(again, "r", "whole.bin", "whole")).status).toBe(201);
    expect(await incoming()).toEqual([]);
    const kept = await readdir(path(own.data, "files"), { recursive: true });
    expect(kept.filter((each) => /[0-9a-f]{32}$/.test(each))).toHaveLength(1);
  });
});

describe("a program", () => {
  test("posts files by its token, as a form", async () => {
    const room = newRoom();
    const { text } = await boss.submit("admin/tokens", "admin/tokens", {
      verb: "token",
      name: "builder",
      room,
    });
    const hook = /hooks\/[\w-]+/.exec(text)?.[0] ?? "";
    const ada = await join(server, room);
    const post = (...files: readonly File[]) => {
      const form = new FormData();
      form.set("text", "built");
      for (const file of files) form.append("file", file);
      return fetch(new URL(hook, server.url), { method: "POST", body: form });
    };
    const files = [new File(["log"], "build.log"), new File([PIXEL], "graph.png")];
    expect((await post(...files)).status).toBe(200);
    expect(await ada.next("message")).toMatchObject({
      text: "built",
      author: { name: "builder" },
      files: [{ name: "build.log" }, { name: "graph.png", width: 1 }],
    });
    expect((await post()).status).toBe(200);
    expect(await ada.next("message")).not.toHaveProperty("files");
    const eleven = Array.from({ length: 11 }, (_, at) => new File(["x"], `${at}`));
    expect((await post(...eleven)).status).toBe(429);
    await ada.close();
  });

  test("of the operator sees how many files come with a message, and may refuse them", async () => {
    const handlers = await temporaryFolder();
    await Bun.write(
      path(handlers, "none.ts"),
      `export default ({ text, files }) => files > 0 ? { refuse: \`\${text}: no files\` } : {};`,
    );
    await using strict = await Server.start({ args: ["--handlers", handlers] });
    const me = await guest(strict);
    const { file } = await upload(strict, "r", "x", "x", { cookie: me });
    const ada = await join(strict, "r", { cookie: me });
    ada.send({ type: "send", id: "a", text: "look", files: [file.id] });
    expect(await ada.next("error")).toMatchObject({ message: "look: no files" });
    await ada.post("no file");
    await ada.close();
  });
});
