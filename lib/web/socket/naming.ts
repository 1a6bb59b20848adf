import type { NameRegistry, OnRename } from "../../chat/live/name-registry.ts";
import type { PresenceBoard } from "../../chat/live/presence.ts";
import { say } from "../../chat/moderation/replies.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import { authorOf } from "../../model/people/person.ts";
import { looksAlike } from "../../model/people/skeleton.ts";
import type { Connection } from "./connection.ts";
import type { SocketDirectory } from "./directory.ts";
import { catalogue } from "../http/languages.ts";

export interface NamingDeps {
  readonly names: NameRegistry;
  readonly board: PresenceBoard;
  readonly directory: SocketDirectory;
}

/** The names of people at their connections: on entry, and when they change. */
export class Naming {
  readonly #onRename: OnRename = (room, person, name, lost) => {
    const own = this.#of(room, person);
    this.#setName(own, name);
    if (lost !== null) tellOf(own, lost, name);
  };

  constructor(readonly deps: NamingDeps) {}

  /**
   * Brings someone into their room under a name that nobody else there has; false if they left
   * meanwhile. Rejects if the database fails.
   */
  async enter(connection: Connection): Promise<boolean> {
    const { names, board } = this.deps;
    const { ticket, author } = connection;
    const { room, json } = ticket;
    if (author.name !== "") {
      await names.enter(room, author, isTheirs(connection, author.name), this.#onRename);
      if (!connection.isOpen) {
        names.leave(room, author.id);
        return false;
      }
      connection.author = authorOf(author.id, names.nameOf(room, author.id) ?? author.name);
    }
    if (json) board.enter(room, connection.author);
    connection.stage = "here";
    return true;
  }

  /** Call when an entered connection closes. */
  leave({ author, ticket: { room, json } }: Connection): void {
    const { names, board } = this.deps;
    if (author.name !== "") names.leave(room, author.id);
    if (json) board.leave(room, author);
  }

  /** Renames all connections of a person in a room; false if someone else has the name. */
  rename(room: string, person: string, name: string): Promise<boolean> {
    const owns = this.#of(room, person).some((connection) => isTheirs(connection, name));
    return this.deps.names.rename(room, { id: person, name }, owns, this.#onRename);
  }

  #of(room: string, person: string): Connection[] {
    return this.deps.directory.ofPerson(person, room).filter(({ stage }) => stage === "here");
  }

  #setName(connections: readonly Connection[], name: string): void {
    const { names, board } = this.deps;
    for (const connection of connections) {
      const { author, ticket } = connection;
      if (author.name === name) continue;
      connection.author = authorOf(author.id, name);
      if (author.name === "") names.join(ticket.room, author.id, this.#onRename);
      if (!ticket.json) continue;
      board.enter(ticket.room, connection.author);
      board.leave(ticket.room, author);
    }
  }
}

/** Tells people why their name has changed. Plain text is only sent what it asked for. */
function tellOf(connections: readonly Connection[], name: string, yours: string): void {
  for (const connection of connections) {
    const { json, language } = connection.ticket;
    if (json) connection.notice(SYSTEM, say(catalogue(language), "renamed", { name, yours }));
  }
}

/** Whether the name is their account's. */
function isTheirs({ access: { account } }: Connection, name: string): boolean {
  return account !== null && looksAlike(account.name, name);
}
