import { Refusal } from "../../model/base/errors.ts";
import { type Action, authorize } from "../../model/rooms/authorize.ts";
import { isPersonal } from "../../model/rooms/sanction.ts";
import { refuseCharacters } from "../../model/text/text.ts";
import type {
  Done,
  ModeratePerson,
  ModerationFrame,
  ModerationRequest,
  RulesFrame,
  SetRules,
  Settable,
} from "../../model/wire/moderation.ts";
import { type PersonCards, sanctionedPerson, sanctionInfo } from "./cards.ts";
import type { CommandDeps } from "./commands.ts";
import type { Finder } from "./finder.ts";
import type { Reports } from "./reports.ts";
import { say } from "./replies.ts";
import { moderatePerson, type ModerationActor, type VerbDeps } from "./verbs.ts";

export interface RequestDeps extends VerbDeps, Pick<CommandDeps, "people"> {
  readonly reports: Reports;
  readonly finder: Finder;
  readonly cards: PersonCards;
  /** The public address of a path below the base path. */
  readonly link: (path: string) => string;
}

const RULES_ACTIONS = ["topic", "pin", "invite", "lock", "settle", "own"] as const;
const MOST_SANCTIONS = 100;
const MOST_CALLED = 50;

/** Whether a request only reads. */
export function onlyAsks({ type }: Pick<ModerationRequest, "type">): boolean {
  return ASKING.includes(type);
}

const ASKING: readonly string[] = ["person", "reports", "roles", "rules", "called"];

/** Carries out a request; resolves to the answer. */
export async function runRequest(
  request: ModerationRequest,
  asker: ModerationActor,
  deps: RequestDeps,
): Promise<ModerationFrame | Refusal> {
  const { rooms, reports, cards, link } = deps;
  const { words, room } = asker;
  switch (request.type) {
    case "person":
      return cards.of(asker, request.id);
    case "moderate":
      return onPerson(request, asker, deps);
    case "report": {
      const refusal = await reports.report(asker, request.seq, request.reason ?? "");
      return refusal ?? done(say(words, "reported"));
    }
    case "pin": {
      const refusal = await rooms.pin(asker, request.seq, request.on);
      return refusal ?? done(say(words, request.on ? "pinned" : "unpinned"));
    }
    case "reports": {
      const open = await reports.open(asker);
      return open instanceof Refusal ? open : { type: "reports", reports: open };
    }
    case "settle": {
      const refusal = await reports.settle(asker, request.id, request.state);
      return refusal ?? done(say(words, request.state));
    }
    case "roles":
      return cards.roles(room, asker.access.rules);
    case "rules":
      return rulesOf(asker, deps);
    case "called": {
      const names = new Set(request.names.map((name) => name.toLowerCase()));
      const here = deps.people(room).people.filter(({ name }) => names.has(name.toLowerCase()));
      const known = await deps.moderate.deps.records.inbox.called(room, [...names], MOST_CALLED);
      const people = new Map([...known, ...here].map((person) => [person.id, person]));
      return { type: "called", people: [...people.values()] };
    }
    case "set":
      return change(request, asker, deps);
    case "invite": {
      const { days, uses } = request;
      const token = await rooms.invite(asker, days, uses);
      if (token instanceof Refusal) return token;
      const address = link(`invite/${token}`);
      const values = { days: String(days), uses: String(uses), link: address };
      return { ...done(say(words, "invited", values)), link: address };
    }
  }
}

async function onPerson(
  request: ModeratePerson,
  asker: ModerationActor,
  deps: RequestDeps,
): Promise<Done | Refusal> {
  const target = await deps.finder.byId(request.person, asker.room, asker.access.rules);
  if (target instanceof Refusal) return target;
  if (request.address && target.network === null) return new Refusal("addressUnknown");
  // The network is included only if that was requested.
  const order = { ...request, address: request.address ?? false };
  const text = await moderatePerson(asker, order, target, deps);
  return text instanceof Refusal ? text : done(text);
}

/** The right that each part of a room's rules requires. */
const RIGHTS = {
  topic: "topic",
  slow: "settle",
  readOnly: "settle",
  locked: "lock",
  archived: "own",
  listed: "own",
  keepDays: "own",
  keepCount: "own",
} as const satisfies Readonly<Record<keyof Settable, Action>>;

/** Who may enter first, then the rest, which changes completely or not at all. */
async function change(
  { type: _, kind, password = "", ...rules }: SetRules,
  asker: ModerationActor,
  { moderate, rooms }: RequestDeps,
): Promise<Done | Refusal> {
  const { words, access } = asker;
  const refusal =
    refuseCharacters(password) ?? (kind ? await rooms.close(asker, kind, password) : null);
  if (refusal) return refusal;
  const rights = Object.entries(RIGHTS).filter(([name]) => Object.hasOwn(rules, name));
  for (const [, action] of rights) {
    const mayNot = authorize(access, action, moderate.deps.now());
    if (mayNot) return mayNot;
  }
  const [first] = rights;
  if (first) {
    const order = { action: first[1], called: "room.set", about: JSON.stringify(rules) };
    const wrong = await rooms.change(asker, { ...order, change: rules });
    if (wrong) return wrong;
  }
  return done(say(words, "rulesSet"));
}

async function rulesOf(asker: ModerationActor, { moderate }: RequestDeps): Promise<RulesFrame> {
  const { room, access } = asker;
  const { records, now } = moderate.deps;
  const at = now();
  const mayDo = (action: Action) => authorize(access, action, at) === null;
  const may = RULES_ACTIONS.filter(mayDo);
  const page = { room, what: null, query: "", now: at, offset: 0, limit: MOST_SANCTIONS };
  const [members, sanctions] = await Promise.all([
    mayDo("invite") ? records.rooms.members(room) : null,
    mayDo("ban") ? records.sanctions.list(page) : null,
  ]);
  return {
    type: "rules",
    rules: access.rules,
    may,
    ...(members ? { members } : {}),
    ...(sanctions
      ? {
          sanctions: sanctions
            .filter(isPersonal)
            .map((each) => ({ ...sanctionInfo(each), person: sanctionedPerson(each) })),
        }
      : {}),
  };
}

function done(text: string): Done {
  return { type: "done", text };
}
