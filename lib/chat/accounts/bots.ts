import { Refusal } from "../../model/base/errors.ts";
import type { AuditEntry } from "../../model/people/audit.ts";
import { type BotToken, type Grant, isScope, TOKEN_PREFIX } from "../../model/people/grant.ts";
import {
  type Author,
  authorOf,
  botId,
  isBot,
  NAME_LIMIT,
  personName,
} from "../../model/people/person.ts";
import { skeletonKey } from "../../model/people/skeleton.ts";
import type { Records } from "../../model/records.ts";
import { roomName } from "../../model/rooms/room.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { PROGRAM, refuseName } from "./names.ts";
import { newSecret, secretHash } from "./secrets.ts";

export interface BotDeps {
  readonly records: Pick<Records, "accounts" | "audit">;
  /** Sends a control to every node; resolves when it holds on this one. */
  readonly broadcast: (room: string, control: Control) => Promise<void>;
  readonly now: () => number;
}

/** The most rooms a token may be limited to. */
const MOST_ROOMS = 50;
const ID_BYTES = 12;

/** Bots and their tokens. Callers must have checked the right to manage them. */
export class Bots {
  constructor(readonly deps: BotDeps) {}

  /**
   * Creates a token for the bot of this name, and the bot if there is none; resolves to the secret,
   * which is not stored. Refuses names of people, and names of authority.
   */
  async issue(
    by: Author,
    rawName: string,
    grant: Grant,
  ): Promise<{ readonly secret: string; readonly bot: Author; readonly hash: string } | Refusal> {
    const { accounts, audit } = this.deps.records;
    const name = personName(rawName);
    if (name instanceof Refusal) return name;
    const owner = await accounts.bySkeletonKey(skeletonKey(name));
    const bot = owner && isBot(owner.id) ? owner : await this.#create(by, name);
    if (bot instanceof Refusal) return bot;
    const at = this.deps.now();
    const secret = TOKEN_PREFIX + newSecret();
    const hash = secretHash(secret);
    // A bot has no password; its stored hash is empty.
    const session = { hash, person: bot.id, createdAt: at, seenAt: 0, agent: "", network: "" };
    if (!(await accounts.addSession({ ...session, grant }, ""))) return new Refusal("gone");
    const reason = [...grant.scopes, ...grant.rooms.map((room) => `#${room}`)].join(" ");
    await audit.add(this.#entry(by, "bot.token", bot, reason));
    return { secret, hash, bot: authorOf(bot.id, bot.name) };
  }

  /** Ends a token; sockets that use it close. */
  async end(by: Author, token: BotToken): Promise<void> {
    const { records, broadcast } = this.deps;
    const entry = this.#entry(by, "bot.token.end", token.bot, token.hash.slice(0, 16));
    const subjects = [personSubject(token.bot.id)];
    await records.accounts.endSession(token.bot.id, token.hash, { ...entry, subjects });
    await broadcast(EVERYWHERE, { action: "recheck", subjects });
  }

  /** The only token whose hash begins with `id`, which has at least 8 characters. */
  async find(id: string): Promise<BotToken | Refusal> {
    const found = /^[0-9a-f]{8,64}$/.test(id)
      ? await this.deps.records.accounts.tokens(id, 0, NAME_LIMIT)
      : [];
    const [token, another] = found.filter(({ hash }) => hash.startsWith(id));
    return token && !another ? token : new Refusal("noSuchToken");
  }

  async #create(by: Author, name: string): Promise<Author | Refusal> {
    const { records, broadcast, now } = this.deps;
    const refusal = await refuseName(records, name, PROGRAM);
    if (refusal) return refusal;
    const bot = authorOf(botId(newSecret(ID_BYTES)), name);
    const account = { ...bot, role: "member", skeletonKey: skeletonKey(name) } as const;
    const entry = this.#entry(by, "bot", bot, "");
    const taken = await records.accounts.create({ ...account, createdAt: now() }, "", entry);
    if (taken) return taken;
    await broadcast(EVERYWHERE, { action: "name", name, owner: bot.id });
    return bot;
  }

  #entry(by: Author, action: string, bot: Author, reason: string): AuditEntry {
    const subject = { room: "", subject: bot.id, subjectName: bot.name, reason };
    return { at: this.deps.now(), by: { id: by.id, name: by.name }, action, ...subject };
  }
}

/**
 * Parses what a token may allow: words separated by spaces or commas. No scopes: read and post. No
 * rooms, or `*`: every room.
 */
export function readGrant(scopes: string, rooms: string): Grant | Refusal {
  const words = (text: string) => text.split(/[\s,]+/u).filter((word) => word !== "");
  const asked = words(scopes);
  const known = [...new Set(asked.filter(isScope))];
  if (known.length < new Set(asked).size) return new Refusal("tokenScopes");
  const names: string[] = [];
  for (const word of words(rooms).filter((each) => each !== "*")) {
    const name = roomName(word.replace(/^#/, ""));
    if (name === null || names.length === MOST_ROOMS) return new Refusal("roomNameInvalid");
    names.push(name);
  }
  return { scopes: known.length === 0 ? ["read", "post"] : known, rooms: names };
}
