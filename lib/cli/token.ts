import { Bots, readGrant } from "../chat/accounts/bots.ts";
import { Refusal } from "../model/base/errors.ts";
import { type Config, ConfigError } from "../model/config.ts";
import { SYSTEM } from "../model/people/audit.ts";
import { openDatabase } from "../store/open.ts";
import { translate } from "../web/http/translate.ts";

const USAGE =
  "token needs new NAME [--scopes read,post,moderate,admin] [--rooms ROOM,ROOM], list, or end ID";
/** The most tokens listed. */
const MOST = 1_000;
const SHOWN = 12;

export interface TokenCommand {
  readonly verb: "new" | "list" | "end";
  /** The bot's name, or a prefix of the token's id. */
  readonly subject: string;
  readonly scopes: string;
  readonly rooms: string;
  /** The arguments that are settings. */
  readonly settings: readonly string[];
}

/** Reads the arguments after `token`. Throws a message for the operator. */
export function readTokenCommand(args: readonly string[]): TokenCommand {
  const [verb, ...more] = args;
  if (verb !== "new" && verb !== "list" && verb !== "end") throw new ConfigError(USAGE);
  const rest = [...more];
  const option = (flag: string) => {
    const at = rest.findIndex((each) => each === flag || each.startsWith(`${flag}=`));
    if (at < 0) return "";
    const [found = "", value] = rest.splice(at, rest[at] === flag ? 2 : 1);
    return found === flag ? (value ?? "") : found.slice(flag.length + 1);
  };
  const [scopes, rooms] = [option("--scopes"), option("--rooms")];
  const subject = verb === "list" ? "" : (rest.shift() ?? "");
  if (verb !== "list" && (subject === "" || subject.startsWith("-"))) throw new ConfigError(USAGE);
  return { verb, subject, scopes, rooms, settings: rest };
}

/**
 * `chatroom token`: creates, lists and ends tokens in the database. Nodes running on the same
 * PostgreSQL see the change; an embedded database must not be in use. Rejects with a message for
 * the operator.
 */
export async function runToken(command: TokenCommand, { database, data }: Config): Promise<void> {
  const { verb, subject, scopes, rooms } = command;
  const grant = readGrant(scopes, rooms);
  if (grant instanceof Refusal) throw new ConfigError(translate(grant, "en"));
  const store = await openDatabase(database, data);
  try {
    const broadcast = async () => undefined;
    const bots = new Bots({ records: store.records, broadcast, now: Date.now });
    switch (verb) {
      case "new": {
        const { secret } = orThrow(await bots.issue(SYSTEM, subject, grant));
        process.stdout.write(`${secret}\n`);
        return;
      }
      case "list": {
        const tokens = await store.records.accounts.tokens("", 0, MOST);
        for (const { hash, bot, scopes, rooms, usedAt } of tokens) {
          const used = usedAt === 0 ? "never used" : `used ${new Date(usedAt).toISOString()}`;
          const where = rooms.join(",") || "every room";
          const cells = [hash.slice(0, SHOWN), bot.name, scopes.join(","), where, used];
          process.stdout.write(`${cells.join("\t")}\n`);
        }
        return;
      }
      case "end":
        await bots.end(SYSTEM, orThrow(await bots.find(subject)));
    }
  } finally {
    await store.close();
  }
}

function orThrow<T>(result: T | Refusal): T {
  if (result instanceof Refusal) throw new Error(translate(result, "en"));
  return result;
}
