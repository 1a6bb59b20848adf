import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { CLOSE } from "../../../lib/model/base/close.ts";
import { REFUSALS } from "../../../lib/model/base/errors.ts";
import type { CommandLine } from "../../../lib/model/rooms/commands.ts";
import type { FileInfo } from "../../../lib/model/files/file.ts";
import { MOST_FILES } from "../../../lib/model/files/file.ts";
import type { InboxItem, InboxRoom, InboxSettings } from "../../../lib/model/inbox/inbox.ts";
import type { Author, Person } from "../../../lib/model/people/person.ts";
import type { RoomAbout } from "../../../lib/model/rooms/rules.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/model/wire/frame.ts";
import type { ReportInfo, SanctionInfo } from "../../../lib/model/wire/moderation.ts";
import {
  BACKPRESSURE_LIMIT,
  DEFAULT_LIMITS,
  HISTORY_LIMIT,
  type Limits,
  NETWORK_FRAMES,
  PEOPLE_LIMIT,
  RESUME_LIMIT,
  SOCKET_FRAMES,
  WELCOME_MESSAGES,
} from "../../../lib/model/wire/limits.ts";

const PAGE = await Bun.file(join(import.meta.dir, "../../../docs/protocol.md")).text();

type KeyOf<T> = T extends unknown ? keyof T : never;
type PresenceOf<T, K extends KeyOf<T>> = K extends keyof T
  ? undefined extends T[K]
    ? "optional"
    : "required"
  : "optional";
/** Every field of `T`, or of a union's members: the compiler refuses one too many or too few. */
type Fields<T> = { readonly [K in KeyOf<T>]: PresenceOf<T, K> };
/** The same for every frame of a union, by its type. */
type Frames<T extends { readonly type: string }> = {
  readonly [K in T["type"]]: Omit<Fields<Extract<T, { readonly type: K }>>, "type">;
};

const required = "required";
const optional = "optional";
const ref = optional;

const CLIENT: Frames<ClientFrame> = {
  send: { id: required, text: required, replyTo: optional, files: optional, ref },
  edit: { seq: required, text: required, ref },
  delete: { seq: required, ref },
  react: { seq: required, emoji: required, on: required, ref },
  history: { before: required, limit: required, ref },
  typing: { ref },
  read: { seq: required, ref },
  inbox: { since: required, ref },
  mark: {
    all: optional,
    room: optional,
    read: optional,
    unread: optional,
    follow: optional,
    level: optional,
    quietUntil: optional,
    writers: optional,
    block: optional,
    done: optional,
    on: optional,
    ref,
  },
  talk: { people: required, ref },
  person: { id: required, ref },
  moderate: {
    verb: required,
    person: required,
    seconds: optional,
    reason: optional,
    everywhere: optional,
    address: optional,
    role: optional,
    ref,
  },
  report: { seq: required, reason: optional, ref },
  pin: { seq: required, on: required, ref },
  reports: { ref },
  settle: { id: required, state: required, ref },
  roles: { ref },
  rules: { ref },
  called: { names: required, ref },
  set: {
    topic: optional,
    kind: optional,
    password: optional,
    slow: optional,
    readOnly: optional,
    locked: optional,
    archived: optional,
    listed: optional,
    keepDays: optional,
    keepCount: optional,
    ref,
  },
  invite: { days: required, uses: required, ref },
  ping: { ref },
};

const change = { seq: required, target: required, author: required, at: required } as const;
const about: Fields<RoomAbout> = {
  kind: required,
  topic: required,
  pins: required,
  readOnly: required,
  locked: required,
  archived: required,
  slow: required,
};

const SERVER: Frames<ServerFrame> = {
  welcome: {
    room: required,
    epoch: required,
    seq: required,
    you: required,
    people: required,
    count: required,
    limits: required,
    about: optional,
    read: optional,
    commands: optional,
    recovered: required,
    events: optional,
    messages: optional,
  },
  message: {
    seq: required,
    id: required,
    author: required,
    text: required,
    at: required,
    replyTo: optional,
    files: optional,
    html: optional,
    editedAt: optional,
    deleted: optional,
    reactions: optional,
  },
  edited: { ...change, text: required, html: optional, files: optional },
  deleted: change,
  reacted: { ...change, emoji: required, on: required },
  presence: { joined: optional, left: optional, count: required },
  typing: { person: required },
  read: { person: required, seq: required },
  history: { messages: required, more: required, ref },
  room: about,
  notice: { author: required, text: required, at: required, id: optional, ref },
  inbox: {
    version: optional,
    full: optional,
    rooms: optional,
    items: optional,
    settings: optional,
  },
  talk: { room: required, people: required, ref },
  person: {
    id: required,
    name: required,
    bot: optional,
    role: required,
    isGuest: required,
    isHere: required,
    since: optional,
    may: required,
    roles: optional,
    everywhere: optional,
    sanctions: optional,
    sharing: optional,
    ref,
  },
  done: { text: required, link: optional, ref },
  reports: { reports: required, ref },
  roles: { roles: required, ref },
  called: { people: required, ref },
  rules: { rules: required, may: required, members: optional, sanctions: optional, ref },
  error: { code: required, message: required, id: optional, ref, retryAfterMs: optional },
  pong: { ref },
};

interface Objects {
  readonly Author: Author;
  readonly Person: Person;
  readonly FileInfo: FileInfo;
  readonly CommandLine: CommandLine;
  readonly RoomAbout: RoomAbout;
  readonly InboxRoom: InboxRoom;
  readonly InboxItem: InboxItem;
  readonly SanctionInfo: SanctionInfo;
  readonly ReportInfo: ReportInfo;
  readonly InboxSettings: InboxSettings;
  readonly Limits: Limits;
}
const OBJECTS: { readonly [K in keyof Objects]: Fields<Objects[K]> } = {
  Author: { id: required, name: required, bot: optional },
  Person: { id: required, name: required, bot: optional, role: required },
  FileInfo: {
    id: required,
    name: required,
    type: required,
    size: required,
    width: optional,
    height: optional,
  },
  CommandLine: { name: required, usage: required, help: required },
  RoomAbout: about,
  InboxRoom: {
    room: required,
    kind: required,
    people: optional,
    followed: required,
    read: required,
    head: required,
    unread: required,
    mentions: required,
    level: required,
    quietUntil: required,
    last: optional,
  },
  InboxItem: {
    id: required,
    kind: required,
    room: required,
    seq: required,
    author: required,
    at: required,
    done: required,
    text: optional,
  },
  SanctionInfo: {
    what: required,
    everywhere: required,
    reason: required,
    by: required,
    at: required,
    until: required,
  },
  ReportInfo: {
    id: required,
    seq: required,
    author: required,
    text: required,
    by: required,
    reason: required,
    at: required,
  },
  InboxSettings: { writers: required, blocked: required },
  Limits: {
    text: required,
    frame: required,
    name: required,
    upload: required,
    messages: required,
    sockets: required,
  },
};

/** The text under a heading, up to the next one of the same level or above. */
function section(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/protocol.md has no "${heading}"`);
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The code in the first cell of each row of the first table: `name`, or `name?` where it is optional. */
function table(text: string): string[] {
  const rows = /(?:^\|.*\n)+/m.exec(text)?.[0].split("\n") ?? [];
  return rows.flatMap((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? []).sort();
}

/** By the first word of each section's heading, the fields of its table. */
function described(heading: string): Record<string, string[]> {
  const text = section(PAGE, heading);
  const names = [...text.matchAll(/^### (`?(\w+)`?.*)$/gm)];
  return Object.fromEntries(
    names.map(([, title, name = ""]) => [name, table(section(`\n${text}`, `### ${title}`))]),
  );
}

function written(fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields)
    .map(([name, presence]) => (presence === optional ? `${name}?` : name))
    .sort();
}

function expected(frames: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  return Object.fromEntries(
    Object.entries(frames).map(([name, fields]) => [name, written(fields)]),
  );
}

describe("docs/protocol.md describes", () => {
  test("every frame and field from the client, and no other", () => {
    expect(described("## Frames from the client")).toEqual(expected(CLIENT));
  });

  test("every frame and field from the server, and no other", () => {
    expect(described("## Frames from the server")).toEqual(expected(SERVER));
  });

  test("every object in them", () => {
    expect(described("## Objects")).toEqual(expected(OBJECTS));
  });

  test("every error code, and no other", () => {
    const codes = [...new Set<string>(Object.values(REFUSALS))].sort();
    expect(table(section(PAGE, "## Error codes"))).toEqual(codes);
  });

  test("every close code of the server", () => {
    const codes = table(section(PAGE, "## Close codes"));
    expect(codes).toEqual(expect.arrayContaining(Object.values(CLOSE).map(String)));
  });

  test("the limits as they are", () => {
    const number = (value: number) => value.toLocaleString("en");
    const rate = ({ burst, perSecond }: { burst: number; perSecond: number }) =>
      `${number(burst)} at once, then ${number(perSecond)} a second`;
    const { text, frame, name, upload, messages, sockets } = DEFAULT_LIMITS;
    if (!messages || sockets === null) throw new Error("there are default limits");
    const page = PAGE.replace(/\s+/g, " ");
    const limits = [
      `characters of a message: ${number(text)} `,
      `from a client: ${number(frame)};`,
      `characters of a name: ${number(name)} `,
      `bytes of an upload: ${number(upload)};`,
      `of one person: ${number(messages.burst)} at once, then ${messages.perSecond} a second`,
      `of one network: ${sockets};`,
      `ids of up to ${MOST_FILES} uploads`,
      `frames of one socket | ${rate(SOCKET_FRAMES.frames)} `,
      `bytes of one socket | ${rate(SOCKET_FRAMES.bytes)} `,
      `frames of one network | ${rate(NETWORK_FRAMES.frames)} `,
      `beyond these | ${rate(SOCKET_FRAMES.strikes)} `,
      `slow reader | ${number(BACKPRESSURE_LIMIT)};`,
      `more than ${number(RESUME_LIMIT)} events`,
      `at most so many messages, 1 to ${HISTORY_LIMIT} `,
      `at most ${PEOPLE_LIMIT} of them`,
      `0 to ${HISTORY_LIMIT}; \`chat.v1\`: ${WELCOME_MESSAGES}`,
    ];
    expect(limits.filter((limit) => !page.includes(limit))).toEqual([]);
  });
});
