import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type CommandReader,
  COMMANDS,
  commandsFor,
  helpText,
  readTyped,
} from "../../../lib/model/rooms/commands.ts";
import type { Role } from "../../../lib/model/people/person.ts";
import { parseDuration, writeDuration } from "../../../lib/model/base/duration.ts";
import en from "../../../templates/locales/en.ts";
import zh from "../../../templates/locales/zh.ts";
import { join, joinPlain } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

describe("what is typed", () => {
  test.each([
    ["hello", { kind: "text", text: "hello" }],
    ["a /kick in the text", { kind: "text", text: "a /kick in the text" }],
    ["//kick is a word", { kind: "text", text: "/kick is a word" }],
    ["///", { kind: "text", text: "//" }],
    ["/", { kind: "text", text: "/" }],
    ["/ 5", { kind: "text", text: "/ 5" }],
    ["/=^.^=/", { kind: "text", text: "/=^.^=/" }],
    ["/kick", { kind: "command", name: "kick", rest: "" }],
    ["/KICK  ada  lovelace ", { kind: "command", name: "kick", rest: "ada  lovelace" }],
    ["/topic\nline", { kind: "command", name: "topic", rest: "line" }],
    ["/delete-all ada", { kind: "command", name: "delete-all", rest: "ada" }],
    ["/kickada", { kind: "unknown", name: "kickada", rest: "" }],
    ["/usr/bin", { kind: "unknown", name: "usr/bin", rest: "" }],
    ["/帮助", { kind: "unknown", name: "帮助", rest: "" }],
    ["/constructor", { kind: "unknown", name: "constructor", rest: "" }],
  ])("%j", (text, expected) => {
    expect(readTyped(text)).toEqual(expected as ReturnType<typeof readTyped>);
  });
});

const reader = (role: Role): CommandReader => ({ role, kind: "open", isNew: false });

describe("the table", () => {
  test("has every command once, with words in both languages in the same order", () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of COMMANDS) expect(name).toMatch(/^[a-z][a-z-]*$/);
    for (const { commands } of [en, zh]) expect(Object.keys(commands)).toEqual(names);
    for (const [, help] of Object.values(zh.commands)) expect(help).toMatch(/\p{Script=Han}/u);
  });

  test.each([en, zh])("writes /help in $name, for what the role may do", ({ commands }) => {
    const lines = (role: Role, more: Partial<CommandReader> = {}) =>
      helpText({ role, kind: "open", isNew: false, ...more }, commands).split("\n");
    const close = (all: readonly string[]) => all.some((line) => line.startsWith("/close"));
    expect(lines("guest").some((line) => line.startsWith("/ban"))).toBe(false);
    expect(lines("moderator").some((line) => line.startsWith("/ban"))).toBe(true);
    expect(lines("owner")).toHaveLength(COMMANDS.length);
    // A room in which something was said is closed by its owner alone; a conversation by nobody.
    expect(close(lines("member"))).toBe(false);
    expect(close(lines("member", { isNew: true }))).toBe(true);
    expect(close(lines("member", { kind: "direct", isNew: true }))).toBe(false);
    // Everyone reads the topic; moderators write it.
    expect(lines("guest").find((line) => line.startsWith("/topic"))).toMatch(/^\/topic — /);
    expect(lines("moderator").find((line) => line.startsWith("/topic"))).toContain("[");
  });

  test("lists those that begin with what is typed, for what the role may do", () => {
    const names = (begun: string) =>
      commandsFor(reader("moderator"), begun).map(({ name }) => name);
    expect(names("un")).toEqual(["unmute", "unban", "unlock", "unpin"]);
    expect(names("kick ada")).toEqual([]);
    expect(commandsFor(reader("guest"), "un")).toEqual([]);
  });
});

describe("a length of time", () => {
  test.each([
    ["30s", 30_000],
    ["10m", 600_000],
    ["2H", 7_200_000],
    ["3d", 259_200_000],
    ["1w", 604_800_000],
    ["9999w", 366 * 86_400_000],
    ["0m", null],
    ["10", null],
    ["m", null],
    ["10 m", null],
    ["-5m", null],
  ])("%s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    [30_000, "30s"],
    [90_000, "2m"],
    [3_600_000, "1h"],
    [604_800_000, "7d"],
  ])("%i is written %s", (ms, text) => expect(writeDuration(ms)).toBe(text));
});

describe("over the socket", () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("an unknown command is refused by its name, and is no message", async () => {
    const client = await join(server, "unknown");
    const id = client.say("/dance now");
    const error = await client.next("error");
    expect(error).toMatchObject({ code: "invalid", id });
    expect(error.message).toContain("/dance");
    const plain = await joinPlain(server, "unknown");
    plain.raw("/dance");
    expect(await plain.next()).toMatch(/^! invalid: .*\/dance/);
    expect(client.texts).toEqual([]);
    for (const each of [client, plain]) await each.close();
  });

  test("two slashes are one slash of text", async () => {
    const client = await join(server, "slashes");
    client.say("//etc/passwd");
    expect((await client.next("message")).text).toBe("/etc/passwd");
    await client.close();
  });

  test("an answer is for one alone: a notice, or a line", async () => {
    const asker = await joinPlain(server, "answers", { name: "Asker" });
    const other = await join(server, "answers", { name: "Other" });
    asker.raw("/help");
    expect(await asker.next()).toContain("/nick");
    const id = other.say("/who");
    expect(await other.next("notice")).toMatchObject({
      id,
      text: expect.stringContaining("Other"),
    });
    await other.post("end");
    expect(other.frames.filter(({ type }) => type === "message")).toHaveLength(1);
    for (const each of [asker, other]) await each.close();
  });

  test("/nick changes the name others see from then on", async () => {
    const client = await join(server, "nick", { name: "Before" });
    const other = await join(server, "nick", { name: "Watcher" });
    client.say("/nick After");
    await client.next("notice");
    const { author } = await client.post("hello");
    expect(author).toEqual({ id: client.welcome.you.id, name: "After" });
    await other.next(
      "presence",
      ({ joined }) => joined?.some((each) => each.name === "After") === true,
    );
    client.say("/nick \u202eevil");
    expect((await client.next("error")).code).toBe("invalid");
    for (const each of [client, other]) await each.close();
  });
});
