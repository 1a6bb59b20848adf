import type { NameRegistry } from "../../chat/live/name-registry.ts";
import { ownedBy } from "../../chat/accounts/names.ts";
import type { PresenceBoard } from "../../chat/live/presence.ts";
import { say } from "../../chat/moderation/replies.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Records } from "../../model/records.ts";
import { globalRole } from "../../model/rooms/authorize.ts";
import { looksAlike } from "../../model/people/skeleton.ts";
import type { Connection } from "./connection.ts";
import type { SocketDirectory } from "./directory.ts";
import { catalogue } from "../http/languages.ts";

export interface NamingDeps {
  readonly names: NameRegistry;
  readonly board: PresenceBoard;
  readonly records: Pick<Records, "accounts">;
  readonly observer: Observer;
  readonly directory: SocketDirectory;
}

/**
 * What people are called at their sockets: the name they come in by, another one they take, and the
 * one they are given where someone else has the better claim to theirs.
 */
export class Naming {
  readonly #onContested = (room: string, person: string) => void this.#judge(room, person);

  constructor(readonly deps: NamingDeps) {}

  /** Makes them someone who is in the room, by a name nobody else bears there; false where they have left. */
  async enter(connection: Connection): Promise<boolean> {
    const { names, board, records } = this.deps;
    const { room, json } = connection.ticket;
    const { id, name: asked } = connection.author;
    const owns = isTheirs(connection, asked);
    const use = (name: string) => {
      if (!connection.isOpen) return;
      const before = names.bearer(room, id)?.name ?? name;
      const author = { id, name };
      names.register(room, author, owns, json, asked, this.#onContested);
      if (json) board.enter(room, author);
      if (before !== name) this.#call(this.#of(room, id), name, owns);
      connection.author = author;
      connection.stage = "here";
    };
    if (asked === "" || owns) use(asked);
    else await names.settle(room, connection.author, ownedBy(records, asPerson(connection)), use);
    return connection.stage === "here";
  }

  /** Another name for all the sockets of a person in a room of this node. */
  rename(room: string, person: string, name: string): void {
    const own = this.#of(room, person);
    const owns = own.some((connection) => isTheirs(connection, name));
    this.deps.names.rename(room, { id: person, name }, owns);
    this.#call(own, name, owns);
  }

  /** Carries out what has become of a contested name. Never rejects. */
  async #judge(room: string, person: string): Promise<void> {
    const { names, observer } = this.deps;
    const verdict = names.verdict(room, person);
    try {
      if (verdict?.kind === "follow") {
        const { name, asked, owns } = verdict.bearer;
        names.follow(room, verdict.bearer);
        const own = this.#of(room, person);
        this.#call(own, name, owns);
        if (name !== asked) tellOf(own, asked, name);
      } else if (verdict) await this.#yield(room, person, verdict.before);
    } catch (fault) {
      observer.log("warn", "name not settled", { room, fault: String(fault) });
      names.contest(room, person);
    }
  }

  /** They take the next free number that is not for others who yield just now, here or elsewhere. */
  async #yield(room: string, person: string, before: number): Promise<void> {
    const { names, records } = this.deps;
    const [first] = this.#of(room, person);
    const bearer = names.bearer(room, person);
    if (!first || !bearer) return;
    const { name, asked } = bearer;
    const use = (yours: string) => {
      // What was so when the database was asked need not be so now.
      if (names.bearer(room, person)?.name !== name) return;
      if (names.verdict(room, person)?.kind !== "yield") return;
      names.rename(room, { id: person, name: yours }, false, asked);
      const own = this.#of(room, person);
      this.#call(own, yours, false);
      tellOf(own, name, yours);
    };
    const isOwned = ownedBy(records, asPerson(first));
    await names.settle(room, { id: person, name: asked }, isOwned, use, before);
  }

  #of(room: string, person: string): Connection[] {
    return this.deps.directory.ofPerson(person, room).filter(({ stage }) => stage === "here");
  }

  #call(connections: readonly Connection[], name: string, owns: boolean): void {
    const { names, board } = this.deps;
    for (const connection of connections) {
      const { author, ticket } = connection;
      if (author.name === name) continue;
      connection.author = { id: author.id, name };
      if (author.name === "") {
        const { room, json } = ticket;
        names.register(room, connection.author, owns, json, name, this.#onContested);
      }
      if (!ticket.json) continue;
      board.enter(ticket.room, connection.author);
      board.leave(ticket.room, author);
    }
  }
}

/** Says why they are not called what they were; plain text is told nothing it did not ask for. */
function tellOf(connections: readonly Connection[], name: string, yours: string): void {
  for (const connection of connections) {
    const { json, language } = connection.ticket;
    if (json) connection.notice(SYSTEM, say(catalogue(language), "renamed", { name, yours }));
  }
}

/** Whether a name is the one of their account. */
function isTheirs({ access: { account } }: Connection, name: string): boolean {
  return account !== null && name !== "" && looksAlike(account.name, name);
}

function asPerson({ person, access }: Connection) {
  return { id: person, role: globalRole(access) };
}
