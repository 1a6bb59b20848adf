import { cutText } from "../../model/text/text.ts";
import { PROGRAM, refuseName } from "../../chat/accounts/names.ts";
import type { Chat } from "../../chat/chat.ts";
import { FLOODS_SETTING } from "../../chat/limits/floods.ts";
import type { Actor } from "../../chat/moderation/moderate.ts";
import { REASON_LIMIT } from "../../model/wire/moderation.ts";
import { newSecret, secretHash } from "../../chat/accounts/secrets.ts";
import { parseAddress, networkOf } from "../../model/base/address.ts";
import { EVERYWHERE } from "../../model/wire/control.ts";
import { Refusal } from "../../model/base/errors.ts";
import { floodSettings } from "../../model/rooms/floods.ts";
import { personName } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { isRole } from "../../model/people/role.ts";
import { roomName } from "../../model/rooms/room.ts";
import { personSubject, networkSubject } from "../../model/rooms/sanction.ts";
import type { Store } from "../../model/store.ts";
import { endToken, makeToken } from "./bots.ts";
import { untilOf } from "./ban.ts";
import { typedSettings } from "./settings.ts";
import { wordsOf } from "../pages/forms.ts";
import { type Context, principalOf } from "../http/context.ts";

export interface VerbDeps {
  readonly chat: Pick<Chat, "limits" | "moderation" | "accounts">;
  readonly store: Store;
  readonly records: Records;
  readonly now: () => number;
}

type Verb = (
  actor: Actor,
  fields: URLSearchParams,
  deps: VerbDeps,
  context: Context,
) => Promise<Refusal | Shown | null>;

/** A result shown once, in answer to a form. */
export interface Shown {
  readonly text: string;
}

const NO_SUCH = new Refusal("gone");

/**
 * Carries out a form of the administration; the caller has checked that the visitor is an
 * administrator.
 */
export async function act(
  context: Context,
  fields: URLSearchParams,
  deps: VerbDeps,
): Promise<Refusal | Shown | null> {
  const verb = fields.get("verb") ?? "";
  const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!run) return NO_SUCH;
  const { person } = context;
  const room = roomName(fields.get("room") ?? "") ?? "";
  const principal = principalOf(context);
  const access = await deps.chat.moderation.accessLookup.of(principal, room);
  const author = { id: person.id, name: person.name };
  return run({ author, room, access }, fields, deps, context);
}

type Rule = { locked: boolean } | { archived: boolean } | { listed: boolean };
const rule = (called: string, change: Rule): Verb => {
  return (actor, _, { chat }) => {
    const action = "locked" in change ? "lock" : "own";
    return chat.moderation.rooms.change(actor, { action, called, about: "", change });
  };
};

const settle = (state: "upheld" | "dismissed"): Verb => {
  return (actor, fields, { chat }) =>
    chat.moderation.commands.reports.settle(actor, rowOf(fields, "report"), state);
};

/** The number of a row; 0 if the field is not a number. */
function rowOf(fields: URLSearchParams, name: string): number {
  const text = fields.get(name) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const VERBS: Readonly<Record<string, Verb>> = {
  lock: rule("room.lock", { locked: true }),
  unlock: rule("room.unlock", { locked: false }),
  archive: rule("room.archive", { archived: true }),
  unarchive: rule("room.archive", { archived: false }),
  list: rule("room.list", { listed: true }),
  unlist: rule("room.list", { listed: false }),
  upheld: settle("upheld"),
  dismissed: settle("dismissed"),
  async kick(actor, fields, { chat: { moderation } }) {
    const target = await targetOf(actor, fields, moderation.commands);
    return moderation.commands.moderate.kick(actor, target, "");
  },
  async "ban-person"(actor, fields, { chat: { moderation }, now }) {
    const target = await targetOf(actor, fields, moderation.commands);
    const reason = cutText(fields.get("reason") ?? "", REASON_LIMIT);
    const reach = { everywhere: true, address: fields.get("address") === "yes" };
    const until = untilOf(fields, now());
    return moderation.commands.moderate.sanction(actor, "ban", target, until, reason, reach);
  },
  async ban(actor, fields, { chat: { moderation }, records, now }) {
    const written = cutText((fields.get("subject") ?? "").trim(), 64);
    const isId = /^#(?:bot:)?[\w-]{16}$/.test(written);
    const address = written.replace(/\/(?:32|64)$/, "");
    const at = isId ? "" : networkOf(address);
    if (!isId && parseAddress(address) === null) {
      return new Refusal("howBan");
    }
    const subject = isId ? personSubject(written.slice(1)) : networkSubject(at);
    const reason = cutText(fields.get("reason") ?? "", REASON_LIMIT);
    const by = { by: actor.author, byRole: actor.access.role };
    const base = { what: "ban", room: "", subject, reason, ...by, at: now() } as const;
    const entry = moderation.commands.moderate.entry(
      actor,
      "ban",
      { id: subject, name: written },
      reason,
    );
    await records.sanctions.impose(
      [{ ...base, name: written, until: untilOf(fields, now()) }],
      entry,
    );
    await moderation.broadcast(EVERYWHERE, { action: "recheck", subjects: [subject] });
    return null;
  },
  lift(actor, fields, { chat: { moderation } }) {
    const [id, name] = [fields.get("subject") ?? "", fields.get("name") ?? ""];
    return moderation.commands.moderate.liftAll(actor, [rowOf(fields, "sanction")], "lift", {
      id,
      name,
    });
  },
  revoke: (actor, fields, { chat }) =>
    chat.moderation.rooms.revoke(actor, fields.get("hash") ?? ""),
  async token(actor, fields, { records, chat, now }, context) {
    const name = personName(fields.get("name") ?? "");
    if (name instanceof Refusal) return name;
    const refusal = await refuseName(records, name, PROGRAM);
    if (refusal) return refusal;
    if (actor.room === "") return new Refusal("roomNameInvalid");
    const secret = newSecret();
    const hash = secretHash(secret);
    const { author, room } = actor;
    const entry = chat.moderation.commands.moderate.entry(
      actor,
      "token",
      { id: hash.slice(0, 16), name },
      "",
    );
    await records.tokens.create({ hash, room, name, by: author, at: now() }, entry);
    return { text: `${wordsOf(context).tokenMade} ${context.baseUrl}hooks/${secret}` };
  },
  async "bot-token"(actor, fields, deps, context) {
    const secret = await makeToken(actor, fields, deps);
    if (secret instanceof Refusal) return secret;
    return { text: `${wordsOf(context).botTokenMade} ${secret}` };
  },
  "end-token": endToken,
  async untoken(actor, fields, { records, chat: { moderation } }) {
    const hash = fields.get("hash") ?? "";
    const subject = { id: hash.slice(0, 16), name: fields.get("name") ?? "" };
    await records.tokens.remove(
      hash,
      moderation.commands.moderate.entry(actor, "token.revoke", subject, ""),
    );
    return null;
  },
  async role(_, fields, { chat: { accounts } }, { person }) {
    const role = fields.get("role");
    return isRole(role) ? accounts.setRole(person, fields.get("id") ?? "", role) : NO_SUCH;
  },
  async floods(actor, fields, { chat: { limits, moderation }, store, records }) {
    const settings = floodSettings(typedSettings(fields));
    await store.saveSetting(FLOODS_SETTING, JSON.stringify(settings));
    await records.audit.add(moderation.commands.moderate.entry(actor, "settings", null, "floods"));
    limits.floods.use(settings);
    await moderation.broadcast(EVERYWHERE, { action: "settings" });
    return null;
  },
};

async function targetOf(
  actor: Actor,
  fields: URLSearchParams,
  { finder }: Chat["moderation"]["commands"],
) {
  const author = { id: fields.get("id") ?? "", name: fields.get("name") ?? "" };
  return finder.target(author, actor.access.rules, actor.room);
}
