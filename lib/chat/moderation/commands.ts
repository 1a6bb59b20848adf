import { type CommandName, helpText } from "../../model/rooms/commands.ts";
import { parseDuration, writeDuration } from "../../model/base/duration.ts";
import { Refusal } from "../../model/base/errors.ts";
import { may } from "../../model/rooms/authorize.ts";
import { type Author, type Person, personName } from "../../model/people/person.ts";
import type { Target } from "./finder.ts";
import type { Finder } from "./finder.ts";
import type { Doer, Moderate } from "./moderate.ts";
import type { Nameplates } from "../live/name-registry.ts";
import { refuseName } from "../accounts/names.ts";
import { type ChatWords, say } from "./replies.ts";
import type { Reports } from "./reports.ts";
import type { Rooms, RulesChange } from "./rooms.ts";

/** Someone who types a command, and what a command may ask of their connection. */
export interface Caller extends Doer {
  readonly person: Person;
  readonly words: ChatWords;
  /** The name of all their connections in the room from now on. */
  rename(name: string): void;
}

export interface CommandParts {
  readonly moderate: Moderate;
  readonly rooms: Rooms;
  readonly reports: Reports;
  readonly finder: Finder;
  readonly names: Nameplates;
  readonly people: (room: string) => { readonly people: readonly Author[]; readonly count: number };
  /** The address of something below the base path, as an outsider would open it. */
  readonly link: (path: string) => string;
}

type Answer = string | Refusal;
type Run = (caller: Caller, rest: string, parts: CommandParts) => Answer | Promise<Answer>;

const MUTE_MS = 10 * 60 * 1000;

/** Runs one command; resolves to the line that answers it. */
export async function runCommand(
  name: CommandName,
  rest: string,
  caller: Caller,
  parts: CommandParts,
): Promise<Answer> {
  return RUN[name](caller, rest, parts);
}

const RUN: Readonly<Record<CommandName, Run>> = {
  help: ({ standing, words }) => helpText(standing.role, words.commands),
  async nick(caller, rest, { moderate, names }) {
    const name = personName(rest);
    if (name instanceof Refusal) return name;
    const refusal = await refuseName(moderate.parts.records, name, caller.person);
    if (refusal) return refusal;
    if (names.isTaken(caller.room, name, caller.person.id)) return BORNE;
    caller.rename(name);
    return say(caller.words, "named", { name });
  },
  who({ room, words }, _, { people }) {
    const here = people(room);
    const names = here.people.map(({ id, name }) => name || `#${id}`);
    return say(words, "who", { count: String(here.count), names: names.join(", ") });
  },
  msg: (caller, rest, parts) =>
    withTarget(caller, rest, parts, async (target) => {
      // Who may not write here may not write to someone from here either.
      const refusal = may(caller.standing, "post", parts.moderate.parts.now());
      if (refusal) return refusal;
      const room = await parts.rooms.direct(caller, target);
      if (room instanceof Refusal) return room;
      const link = parts.link(`rooms/${room}`);
      const from = caller.author.name || `#${caller.author.id}`;
      const text = say(caller.words, "asked", { name: from, link });
      parts.moderate.parts.tell("*", { action: "tell", person: target.id, text });
      return say(caller.words, "direct", { name: target.name || `#${target.id}`, link });
    }),
  report: (caller, rest, { reports }) =>
    withSeq(rest, async (seq, reason) => {
      const result = await reports.report(caller, seq, reason);
      return result instanceof Refusal ? result : say(caller.words, "reported");
    }),
  delete: (caller, rest, { moderate }) =>
    withSeq(rest, async (seq, reason) => done(caller, await moderate.remove(caller, seq, reason))),
  topic(caller, rest, parts) {
    const { topic } = caller.standing.rules;
    if (rest === "") return topic === "" ? say(caller.words, "noTopic") : topic;
    return change(caller, parts, "topic", "room.topic", rest, { topic: rest === "-" ? "" : rest });
  },
  async close(caller, rest, { rooms }) {
    const [kind, ...words] = rest.split(/\s+/u);
    if (kind !== "open" && kind !== "members" && kind !== "password") return HOW_TO_CLOSE;
    const isSignedIn = caller.person.role !== "guest";
    return done(caller, await rooms.close(caller, kind, words.join(" "), isSignedIn));
  },
  kick: (caller, rest, parts) =>
    withTarget(caller, rest, parts, async (target, reason) =>
      done(caller, await parts.moderate.kick(caller, target, reason)),
    ),
  mute: (caller, rest, parts) => impose("mute", caller, rest, parts),
  unmute: (caller, rest, parts) => lift("mute", caller, rest, parts),
  ban: (caller, rest, parts) => impose("ban", caller, rest, parts),
  unban: (caller, rest, parts) => lift("ban", caller, rest, parts),
  "delete-all": (caller, rest, parts) =>
    withTarget(caller, rest, parts, async (target, reason) => {
      const count = await parts.moderate.removeAll(caller, target, reason);
      return count instanceof Refusal
        ? count
        : say(caller.words, "deleted", { count: String(count) });
    }),
  async invite(caller, rest, { rooms, link }) {
    const [days = "7", uses = "1"] = rest.split(/\s+/u).filter((word) => word !== "");
    const token = await rooms.invite(caller, Number(days), Number(uses));
    if (token instanceof Refusal) return token;
    return say(caller.words, "invited", { days, uses, link: link(`invite/${token}`) });
  },
  lock: (caller, _, parts) => change(caller, parts, "lock", "room.lock", "", { locked: true }),
  unlock: (caller, _, parts) => change(caller, parts, "lock", "room.unlock", "", { locked: false }),
  readonly: (caller, rest, parts) =>
    withSwitch(rest, (readOnly) =>
      change(caller, parts, "settle", "room.readonly", rest, { readOnly }),
    ),
  slow(caller, rest, parts) {
    const slow = rest === "off" ? 0 : Number(rest || Number.NaN);
    return change(caller, parts, "settle", "room.slow", rest, { slow });
  },
  pin: (caller, rest, parts) =>
    withSeq(rest, async (seq) => {
      if (!(await parts.moderate.message(caller.room, seq))) return NO_SUCH;
      const pins = [seq, ...caller.standing.rules.pins.filter((pin) => pin !== seq)];
      return change(caller, parts, "pin", "room.pin", `#${seq}`, { pins });
    }),
  unpin: (caller, rest, parts) =>
    withSeq(rest, (seq) => {
      const pins = caller.standing.rules.pins.filter((pin) => pin !== seq);
      return change(caller, parts, "pin", "room.unpin", `#${seq}`, { pins });
    }),
  mod: (caller, rest, parts) =>
    withTarget(caller, rest, parts, async (target) =>
      done(caller, await parts.rooms.name(caller, target, "moderator")),
    ),
  unmod: (caller, rest, parts) =>
    withTarget(caller, rest, parts, async (target) =>
      done(caller, await parts.rooms.name(caller, target, "member")),
    ),
  keep(caller, rest, parts) {
    const [, count, what] = /^(?:(\d{1,8})\s+(days|messages)|all)$/.exec(rest) ?? [null];
    if (rest !== "all" && count === undefined) return HOW_TO_KEEP;
    const keepDays = what === "days" ? Number(count) : 0;
    const keepCount = what === "messages" ? Number(count) : 0;
    return change(caller, parts, "own", "room.keep", rest, { keepDays, keepCount });
  },
  list: (caller, rest, parts) =>
    withSwitch(rest, (listed) => change(caller, parts, "own", "room.list", rest, { listed })),
  archive: (caller, rest, parts) =>
    withSwitch(rest, (archived) =>
      change(caller, parts, "own", "room.archive", rest, { archived }),
    ),
};

const NO_SUCH = new Refusal("not_found", "There is no such message in this room.");
const BORNE = new Refusal(
  "not_allowed",
  "Someone here is called that, or something that looks like it.",
);
const HOW_TO_CLOSE = new Refusal("invalid", "Write members, password and a word, or open.");
const HOW_TO_KEEP = new Refusal("invalid", "Write a number and days or messages, or all.");

function done(caller: Caller, refusal: Refusal | null): Answer {
  return refusal ?? say(caller.words, "done");
}

async function change(
  caller: Caller,
  { rooms }: CommandParts,
  action: RulesChange["action"],
  called: string,
  about: string,
  rules: RulesChange["change"],
): Promise<Answer> {
  return done(caller, await rooms.change(caller, { action, called, about, change: rules }));
}

async function withTarget(
  { room, standing }: Caller,
  text: string,
  { finder }: CommandParts,
  act: (target: Target, rest: string) => Promise<Answer>,
): Promise<Answer> {
  const found = await finder.take(text, room, standing.rules);
  return found instanceof Refusal ? found : act(found.target, found.rest);
}

function withSeq(
  text: string,
  act: (seq: number, rest: string) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const [, digits, rest = ""] = /^#?(\d{1,15})(?:\s+(.*))?$/su.exec(text) ?? [];
  if (digits === undefined) return new Refusal("invalid", "Which? Give a message's number.");
  return act(Number(digits), rest);
}

function withSwitch(text: string, act: (on: boolean) => Promise<Answer>): Answer | Promise<Answer> {
  if (text === "on" || text === "off") return act(text === "on");
  return new Refusal("invalid", "Write on or off.");
}

function impose(what: "ban" | "mute", caller: Caller, rest: string, parts: CommandParts) {
  return withTarget(caller, rest, parts, async (target, more) => {
    const [first = "", ...words] = more.split(/\s+/u);
    const asked = parseDuration(first);
    const reason = asked === null ? more : words.join(" ");
    const duration = asked ?? (what === "mute" ? MUTE_MS : null);
    const { moderate } = parts;
    const until = duration === null ? null : moderate.parts.now() + duration;
    const refusal = await moderate.sanction(caller, what, target, until, reason);
    if (refusal) return refusal;
    const name = target.name || `#${target.id}`;
    return duration === null
      ? say(caller.words, "kept", { name })
      : say(caller.words, "keptFor", { name, time: writeDuration(duration) });
  });
}

function lift(
  what: "ban" | "mute",
  caller: Caller,
  rest: string,
  { finder, moderate }: CommandParts,
) {
  return finder.take(rest, caller.room, caller.standing.rules).then(async (found) => {
    // Who was put out before they wrote anything is only known by what was done to them.
    const target =
      found instanceof Refusal ? await moderate.named(caller, what, rest) : found.target;
    if (!target) return found instanceof Refusal ? found : NO_SUCH;
    return done(caller, await moderate.lift(caller, what, target));
  });
}
