import type { Accounts } from "../../chat/accounts/accounts.ts";
import type { CommandParts } from "../../chat/moderation/commands.ts";
import { type Floods, FLOODS_SETTING } from "../../chat/limits/floods.ts";
import type { Doer } from "../../chat/moderation/moderate.ts";
import type { Rooms } from "../../chat/moderation/rooms.ts";
import { newSecret, secretHash } from "../../chat/accounts/secrets.ts";
import type { Standings } from "../../chat/moderation/access.ts";
import { parseAddress, place } from "../../model/base/address.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { Refusal } from "../../model/base/errors.ts";
import { floodSettings } from "../../model/rooms/floods.ts";
import { personName } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { isRole } from "../../model/people/role.ts";
import { roomName } from "../../model/rooms/room.ts";
import { personSubject, placeSubject } from "../../model/rooms/sanction.ts";
import type { Store } from "../../model/store.ts";
import { typedSettings } from "./settings.ts";
import { type DeskParts, wordsOf } from "../pages/forms.ts";
import type { Visit } from "../pages/pages.ts";

export interface VerbParts extends DeskParts {
  readonly standings: Standings;
  readonly rooms: Rooms;
  readonly accounts: Accounts;
  readonly floods: Floods;
  readonly commands: Omit<CommandParts, "link">;
  readonly tell: (room: string, control: Control) => void;
  readonly store: Store;
  readonly records: Records;
  readonly now: () => number;
}

type Verb = (
  doer: Doer,
  fields: URLSearchParams,
  parts: VerbParts,
  visit: Visit,
) => Promise<Refusal | Shown | null>;

/** Something to be told once, in answer to the form. */
export interface Shown {
  readonly text: string;
}

const NO_SUCH = new Refusal("not_found", "There is no such thing any more.");

/** What a form of the administration asks for; the visitor is an administrator. */
export async function act(
  visit: Visit,
  fields: URLSearchParams,
  parts: VerbParts,
): Promise<Refusal | Shown | null> {
  const verb = fields.get("verb") ?? "";
  const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!run) return NO_SUCH;
  const { person, request } = visit;
  const room = roomName(fields.get("room") ?? "") ?? "";
  const comer = { person, place: parts.sessions.place(request.headers), key: null };
  const standing = await parts.standings.of(comer, room);
  const author = { id: person.id, name: person.name };
  return run({ author, room, standing }, fields, parts, visit);
}

type Rule = { locked: boolean } | { archived: boolean } | { listed: boolean };
const rule = (called: string, change: Rule): Verb => {
  return (doer, _, { rooms }) => {
    const action = "locked" in change ? "lock" : "own";
    return rooms.change(doer, { action, called, about: "", change });
  };
};

const settle = (state: "upheld" | "dismissed"): Verb => {
  return (doer, fields, { commands }) =>
    commands.reports.settle(doer, Number(fields.get("report")), state);
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
  async kick(doer, fields, { commands }) {
    const target = await targetOf(doer, fields, commands);
    return commands.moderate.kick(doer, target, "");
  },
  async "ban-person"(doer, fields, { commands }) {
    const target = await targetOf(doer, fields, commands);
    return commands.moderate.sanction(doer, "ban", target, null, "", true);
  },
  async ban(doer, fields, { commands, tell, now }) {
    const written = (fields.get("subject") ?? "").trim().slice(0, 64);
    const isId = /^#[\w-]{16}$/.test(written);
    const address = written.replace(/\/(?:32|64)$/, "");
    const at = isId ? "" : place(address);
    if (!isId && parseAddress(address) === null) {
      return new Refusal("invalid", "Write an address, or # and an id of 16 characters.");
    }
    const subject = isId ? personSubject(written.slice(1)) : placeSubject(at);
    const reason = (fields.get("reason") ?? "").slice(0, 200);
    const { author } = doer;
    const base = { what: "ban", room: "", subject, reason, by: author, at: now() } as const;
    const entry = commands.moderate.entry(doer, "ban", { id: subject, name: written }, reason);
    const { sanctions } = commands.moderate.parts.records;
    await sanctions.impose([{ ...base, name: written, until: null }], entry);
    tell(EVERYWHERE, { action: "recheck", subjects: [subject] });
    return null;
  },
  lift(doer, fields, { commands }) {
    const [id, name] = [fields.get("subject") ?? "", fields.get("name") ?? ""];
    return commands.moderate.liftAll(doer, [Number(fields.get("sanction"))], "lift", { id, name });
  },
  revoke: (doer, fields, { rooms }) => rooms.revoke(doer, fields.get("hash") ?? ""),
  async token(doer, fields, { records, commands, now }, visit) {
    const name = personName(fields.get("name") ?? "");
    if (name instanceof Refusal) return name;
    if (doer.room === "") return new Refusal("invalid", "There is no room of this name.");
    const secret = newSecret();
    const hash = secretHash(secret);
    const { author, room } = doer;
    const entry = commands.moderate.entry(doer, "token", { id: hash.slice(0, 16), name }, "");
    await records.tokens.create({ hash, room, name, by: author, at: now() }, entry);
    const address = new URL(`${visit.root}hooks/${secret}`, visit.request.url);
    return { text: `${wordsOf(visit).tokenMade} ${address.href}` };
  },
  async untoken(doer, fields, { records, commands }) {
    const hash = fields.get("hash") ?? "";
    const subject = { id: hash.slice(0, 16), name: fields.get("name") ?? "" };
    await records.tokens.remove(hash, commands.moderate.entry(doer, "token.revoke", subject, ""));
    return null;
  },
  async role(_, fields, { accounts }, { person }) {
    const role = fields.get("role");
    return isRole(role) ? accounts.setRole(person, fields.get("id") ?? "", role) : NO_SUCH;
  },
  async floods(doer, fields, { floods, store, commands, tell }) {
    const settings = floodSettings(typedSettings(fields));
    await store.saveSetting(FLOODS_SETTING, JSON.stringify(settings));
    await commands.moderate.parts.records.audit.add(
      commands.moderate.entry(doer, "settings", null, "floods"),
    );
    floods.use(settings);
    tell(EVERYWHERE, { action: "settings" });
    return null;
  },
};

async function targetOf(doer: Doer, fields: URLSearchParams, { finder }: VerbParts["commands"]) {
  const author = { id: fields.get("id") ?? "", name: fields.get("name") ?? "" };
  return finder.target(author, doer.standing.rules, doer.room);
}
