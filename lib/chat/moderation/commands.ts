import { refuseCharacters } from "../../model/text/text.ts";
import { type CommandName, helpText, writeCommand } from "../../model/rooms/commands.ts";
import { parseDuration } from "../../model/base/duration.ts";
import { Refusal } from "../../model/base/errors.ts";
import { authorize, globalRole } from "../../model/rooms/authorize.ts";
import { type Author, personName } from "../../model/people/person.ts";
import type { Finder, Target } from "./finder.ts";
import { NO_MESSAGE } from "./moderate.ts";
import { refuseName } from "../accounts/names.ts";
import { calledIn, say } from "./replies.ts";
import type { Reports } from "./reports.ts";
import type { Rooms, RulesChange } from "./rooms.ts";
import { type CommandAuthor, talk, type TalkCommandDeps } from "./talk-command.ts";
import { moderatePerson } from "./verbs.ts";
import type { HandlerGate } from "../handlers/gate.ts";

/** Someone who types a command, and what it may do to their connection. */
export interface Caller extends CommandAuthor {
  /** Renames all their connections in the room; false if someone else there has the name. */
  rename(name: string): Promise<boolean>;
}

export interface CommandDeps extends TalkCommandDeps {
  readonly rooms: Rooms;
  readonly reports: Reports;
  readonly finder: Finder;
  readonly people: (room: string) => { readonly people: readonly Author[]; readonly count: number };
  readonly handlers: Pick<HandlerGate, "commands" | "has" | "run">;
}

type Answer = string | Refusal;
type Run = (caller: Caller, rest: string, deps: CommandDeps) => Answer | Promise<Answer>;

const MUTE_MS = 10 * 60 * 1000;

/** Runs a command; resolves to its answer. Refuses arguments that cannot be stored. */
export async function runCommand(
  name: CommandName,
  rest: string,
  caller: Caller,
  deps: CommandDeps,
): Promise<Answer> {
  return refuseCharacters(rest) ?? RUN[name](caller, rest, deps);
}

const RUN: Readonly<Record<CommandName, Run>> = {
  async help({ room, access: { role, rules }, words }, _, { rooms, handlers }) {
    const isNew = rules.kind === "open" && (await rooms.head(room)) === 0;
    const own = helpText({ role, kind: rules.kind, isNew }, words.commands);
    return [own, ...handlers.commands(room, role).map(writeCommand)].join("\n");
  },
  async nick(caller, rest, { moderate }) {
    const name = personName(rest);
    if (name instanceof Refusal) return name;
    const { id } = caller.author;
    const person = { id, role: globalRole(caller.access) };
    const refusal = await refuseName(moderate.deps.records, name, person);
    if (refusal) return refusal;
    if (!(await caller.rename(name))) return BORNE;
    return say(caller.words, "named", { name });
  },
  who({ room, words }, _, { people }) {
    const here = people(room);
    const names = here.people.map(({ id, name }) => name || `#${id}`);
    return say(words, "who", { count: String(here.count), names: names.join(", ") });
  },
  msg: (caller, rest, deps) =>
    withTarget(caller, rest, deps, async (target, text) => {
      // Someone who may not post here may not start a private talk from here either.
      const refusal = authorize(caller.access, "post", deps.moderate.deps.now());
      return refusal ?? talk(caller, target, text, deps);
    }),
  report: (caller, rest, { reports }) =>
    withSeq(rest, async (seq, reason) => {
      const refusal = await reports.report(caller, seq, reason);
      return refusal ?? say(caller.words, "reported");
    }),
  delete: (caller, rest, { moderate }) =>
    withSeq(rest, async (seq, reason) => done(caller, await moderate.remove(caller, seq, reason))),
  topic(caller, rest, deps) {
    const { topic } = caller.access.rules;
    if (rest === "") return topic === "" ? say(caller.words, "noTopic") : topic;
    return change(caller, deps, "topic", "room.topic", rest, { topic: rest === "-" ? "" : rest });
  },
  async close(caller, rest, { rooms }) {
    // A password is one line, exactly as typed, since a form could not send another.
    const [, kind, password = ""] = /^(\S+)(?:\s+(.*))?$/u.exec(rest) ?? [];
    if (kind !== "open" && kind !== "members" && kind !== "password") return HOW_TO_CLOSE;
    return done(caller, await rooms.close(caller, kind, password));
  },
  kick: (caller, rest, deps) => toPerson("kick", caller, rest, deps),
  mute: (caller, rest, deps) => impose("mute", caller, rest, deps),
  unmute: (caller, rest, deps) => lift("mute", caller, rest, deps),
  ban: (caller, rest, deps) => impose("ban", caller, rest, deps),
  unban: (caller, rest, deps) => lift("ban", caller, rest, deps),
  "delete-all": (caller, rest, deps) => toPerson("delete-all", caller, rest, deps),
  async invite(caller, rest, { rooms, link }) {
    const [days = "7", uses = "1"] = rest.split(/\s+/u).filter((word) => word !== "");
    const token = await rooms.invite(caller, Number(days), Number(uses));
    if (token instanceof Refusal) return token;
    return say(caller.words, "invited", { days, uses, link: link(`invite/${token}`) });
  },
  lock: (caller, _, deps) => change(caller, deps, "lock", "room.lock", "", { locked: true }),
  unlock: (caller, _, deps) => change(caller, deps, "lock", "room.unlock", "", { locked: false }),
  readonly: (caller, rest, deps) =>
    withSwitch(rest, (readOnly) =>
      change(caller, deps, "settle", "room.readonly", rest, { readOnly }),
    ),
  slow(caller, rest, deps) {
    const slow = rest === "off" ? 0 : Number(rest || Number.NaN);
    return change(caller, deps, "settle", "room.slow", rest, { slow });
  },
  pin: (caller, rest, deps) =>
    withSeq(rest, async (seq) => {
      return (await deps.rooms.pin(caller, seq, true)) ?? say(caller.words, "pinned");
    }),
  unpin: (caller, rest, deps) =>
    withSeq(rest, async (seq) => {
      return (await deps.rooms.pin(caller, seq, false)) ?? say(caller.words, "unpinned");
    }),
  mod: (caller, rest, deps) => toPerson("role", caller, rest, deps, "moderator"),
  unmod: (caller, rest, deps) => toPerson("role", caller, rest, deps, "member"),
  keep(caller, rest, deps) {
    const [, count, what] = /^(?:(\d{1,8})\s+(days|messages)|all)$/.exec(rest) ?? [null];
    if (rest !== "all" && count === undefined) return HOW_TO_KEEP;
    const keepDays = what === "days" ? Number(count) : 0;
    const keepCount = what === "messages" ? Number(count) : 0;
    return change(caller, deps, "own", "room.keep", rest, { keepDays, keepCount });
  },
  list: (caller, rest, deps) =>
    withSwitch(rest, (listed) => change(caller, deps, "own", "room.list", rest, { listed })),
  archive: (caller, rest, deps) =>
    withSwitch(rest, (archived) => change(caller, deps, "own", "room.archive", rest, { archived })),
};

const BORNE = new Refusal("nameTaken");
const HOW_TO_CLOSE = new Refusal("howClose");
const HOW_TO_KEEP = new Refusal("howKeep");

function done(caller: Caller, refusal: Refusal | null): Answer {
  return refusal ?? say(caller.words, "done");
}

async function change(
  caller: Caller,
  { rooms }: CommandDeps,
  action: RulesChange["action"],
  called: string,
  about: string,
  rules: RulesChange["change"],
): Promise<Answer> {
  return done(caller, await rooms.change(caller, { action, called, about, change: rules }));
}

async function withTarget(
  { room, access }: Caller,
  text: string,
  { finder }: CommandDeps,
  act: (target: Target, rest: string) => Promise<Answer>,
): Promise<Answer> {
  const found = await finder.resolve(text, room, access.rules);
  return found instanceof Refusal ? found : act(found.target, found.rest);
}

function withSeq(
  text: string,
  act: (seq: number, rest: string) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const [, digits, rest = ""] = /^#?(\d{1,15})(?:\s+(.*))?$/su.exec(text) ?? [];
  if (digits === undefined) return new Refusal("whichMessage");
  return act(Number(digits), rest);
}

function withSwitch(text: string, act: (on: boolean) => Promise<Answer>): Answer | Promise<Answer> {
  if (text === "on" || text === "off") return act(text === "on");
  return new Refusal("onOff");
}

/** Runs a verb that needs a person and a reason. */
function toPerson(
  verb: "kick" | "delete-all" | "role",
  caller: Caller,
  rest: string,
  deps: CommandDeps,
  role?: "moderator" | "member",
) {
  return withTarget(caller, rest, deps, (target, reason) =>
    moderatePerson(caller, { verb, reason, ...(role ? { role } : {}) }, target, deps),
  );
}

function impose(verb: "ban" | "mute", caller: Caller, rest: string, deps: CommandDeps) {
  return withTarget(caller, rest, deps, (target, more) => {
    const [first = "", ...words] = more.split(/\s+/u);
    const asked = parseDuration(first);
    const reason = asked === null ? more : words.join(" ");
    const duration = asked ?? (verb === "mute" ? MUTE_MS : null);
    const seconds = duration === null ? {} : { seconds: duration / 1_000 };
    return moderatePerson(caller, { verb, reason, ...seconds }, target, deps);
  });
}

async function lift(what: "ban" | "mute", caller: Caller, rest: string, deps: CommandDeps) {
  const { finder, moderate } = deps;
  const found = await finder.resolve(rest, caller.room, caller.access.rules);
  // A person banned before they wrote anything is known only by the ban.
  const target = found instanceof Refusal ? await moderate.named(caller, what, rest) : found.target;
  if (!target) return found instanceof Refusal ? found : NO_MESSAGE;
  const refusal = await moderate.lift(caller, what, target);
  const name = calledIn(caller.words, target);
  return refusal ?? say(caller.words, what === "mute" ? "unmuted" : "unbanned", { name });
}
