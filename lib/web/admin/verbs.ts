import type { Accounts } from "../../chat/accounts/accounts.ts";
import type { CommandDeps } from "../../chat/moderation/commands.ts";
import { type Floods, FLOODS_SETTING } from "../../chat/limits/floods.ts";
import type { Actor } from "../../chat/moderation/moderate.ts";
import type { Rooms } from "../../chat/moderation/rooms.ts";
import { newSecret, secretHash } from "../../chat/accounts/secrets.ts";
import type { AccessLookup } from "../../chat/moderation/access.ts";
import { parseAddress, networkOf } from "../../model/base/address.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { Refusal } from "../../model/base/errors.ts";
import { floodSettings } from "../../model/rooms/floods.ts";
import { personName } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { isRole } from "../../model/people/role.ts";
import { roomName } from "../../model/rooms/room.ts";
import { personSubject, networkSubject } from "../../model/rooms/sanction.ts";
import type { Store } from "../../model/store.ts";
import { typedSettings } from "./settings.ts";
import { type DeskDeps, wordsOf } from "../pages/forms.ts";
import type { Visit } from "../pages/pages.ts";

export interface VerbDeps extends DeskDeps {
  readonly accessLookup: AccessLookup;
  readonly rooms: Rooms;
  readonly accounts: Accounts;
  readonly floods: Floods;
  readonly commands: Omit<CommandDeps, "link">;
  readonly broadcast: (room: string, control: Control) => void;
  readonly store: Store;
  readonly records: Records;
  readonly now: () => number;
}

type Verb = (
  actor: Actor,
  fields: URLSearchParams,
  deps: VerbDeps,
  visit: Visit,
) => Promise<Refusal | Shown | null>;

/** Something to be told once, in answer to the form. */
export interface Shown {
  readonly text: string;
}

const NO_SUCH = new Refusal("gone");

/** What a form of the administration asks for; the visitor is an administrator. */
export async function act(
  visit: Visit,
  fields: URLSearchParams,
  deps: VerbDeps,
): Promise<Refusal | Shown | null> {
  const verb = fields.get("verb") ?? "";
  const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!run) return NO_SUCH;
  const { person, request } = visit;
  const room = roomName(fields.get("room") ?? "") ?? "";
  const principal = { person, network: deps.sessions.network(request.headers), key: null };
  const access = await deps.accessLookup.of(principal, room);
  const author = { id: person.id, name: person.name };
  return run({ author, room, access }, fields, deps, visit);
}

type Rule = { locked: boolean } | { archived: boolean } | { listed: boolean };
const rule = (called: string, change: Rule): Verb => {
  return (actor, _, { rooms }) => {
    const action = "locked" in change ? "lock" : "own";
    return rooms.change(actor, { action, called, about: "", change });
  };
};

const settle = (state: "upheld" | "dismissed"): Verb => {
  return (actor, fields, { commands }) =>
    commands.reports.settle(actor, Number(fields.get("report")), state);
};

const VERBS: Readonly<Record<string, Verb>> = {
  lock: rule("room.lock", { locked: true }),
  unlock: rule("room.unlock", { locked: false }),
  archive: rule("room.archive", { archived: true }),
  unarchive: rule("room.archive", { archived: false }),
  list: rule("room.list", { listed: true }),
  unlist: rule("room.list", { listed: false }),
  upheld: settle("upheld"),
  dismissed: settle("dismissed"),
  async kick(actor, fields, { commands }) {
    const target = await targetOf(actor, fields, commands);
    return commands.moderate.kick(actor, target, "");
  },
  async "ban-person"(actor, fields, { commands }) {
    const target = await targetOf(actor, fields, commands);
    return commands.moderate.sanction(actor, "ban", target, null, "", true);
  },
  async ban(actor, fields, { commands, broadcast: tell, now }) {
    const written = (fields.get("subject") ?? "").trim().slice(0, 64);
    const isId = /^#[\w-]{16}$/.test(written);
    const address = written.replace(/\/(?:32|64)$/, "");
    const at = isId ? "" : networkOf(address);
    if (!isId && parseAddress(address) === null) {
      return new Refusal("howBan");
    }
    const subject = isId ? personSubject(written.slice(1)) : networkSubject(at);
    const reason = (fields.get("reason") ?? "").slice(0, 200);
    const { author } = actor;
    const base = { what: "ban", room: "", subject, reason, by: author, at: now() } as const;
    const entry = commands.moderate.entry(actor, "ban", { id: subject, name: written }, reason);
    const { sanctions } = commands.moderate.deps.records;
    await sanctions.impose([{ ...base, name: written, until: null }], entry);
    tell(EVERYWHERE, { action: "recheck", subjects: [subject] });
    return null;
  },
  lift(actor, fields, { commands }) {
    const [id, name] = [fields.get("subject") ?? "", fields.get("name") ?? ""];
    return commands.moderate.liftAll(actor, [Number(fields.get("sanction"))], "lift", { id, name });
  },
  revoke: (actor, fields, { rooms }) => rooms.revoke(actor, fields.get("hash") ?? ""),
  async token(actor, fields, { records, commands, now }, visit) {
    const name = personName(fields.get("name") ?? "");
    if (name instanceof Refusal) return name;
    if (actor.room === "") return new Refusal("roomNameInvalid");
    const secret = newSecret();
    const hash = secretHash(secret);
    const { author, room } = actor;
    const entry = commands.moderate.entry(actor, "token", { id: hash.slice(0, 16), name }, "");
    await records.tokens.create({ hash, room, name, by: author, at: now() }, entry);
    const address = new URL(`${visit.root}hooks/${secret}`, visit.request.url);
    return { text: `${wordsOf(visit).tokenMade} ${address.href}` };
  },
  async untoken(actor, fields, { records, commands }) {
    const hash = fields.get("hash") ?? "";
    const subject = { id: hash.slice(0, 16), name: fields.get("name") ?? "" };
    await records.tokens.remove(hash, commands.moderate.entry(actor, "token.revoke", subject, ""));
    return null;
  },
  async role(_, fields, { accounts }, { person }) {
    const role = fields.get("role");
    return isRole(role) ? accounts.setRole(person, fields.get("id") ?? "", role) : NO_SUCH;
  },
  async floods(actor, fields, { floods, store, commands, broadcast: tell }) {
    const settings = floodSettings(typedSettings(fields));
    await store.saveSetting(FLOODS_SETTING, JSON.stringify(settings));
    await commands.moderate.deps.records.audit.add(
      commands.moderate.entry(actor, "settings", null, "floods"),
    );
    floods.use(settings);
    tell(EVERYWHERE, { action: "settings" });
    return null;
  },
};

async function targetOf(actor: Actor, fields: URLSearchParams, { finder }: VerbDeps["commands"]) {
  const author = { id: fields.get("id") ?? "", name: fields.get("name") ?? "" };
  return finder.target(author, actor.access.rules, actor.room);
}
