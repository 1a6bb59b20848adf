import type { Chat } from "../../chat/chat.ts";
import { onlyAsks, runRequest } from "../../chat/moderation/requests.ts";
import { runTyped } from "../../chat/moderation/typed.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Observer } from "../../model/base/observer.ts";
import { atLeast } from "../../model/people/role.ts";
import type { Typed } from "../../model/rooms/commands.ts";
import { isDirectName } from "../../model/rooms/rules.ts";
import type { ModerationRequest } from "../../model/wire/moderation.ts";
import { catalogue } from "../http/languages.ts";
import type { Connection } from "./connection.ts";
import { reportFault } from "./fault.ts";
import type { Directory } from "./directory.ts";
import type { Naming } from "./naming.ts";

export interface SocketModerationDeps {
  readonly chat: Pick<Chat, "limits" | "moderation">;
  readonly observer: Observer;
}

/** Runs the commands and the moderation requests that sockets send. No method rejects. */
export class SocketModeration {
  constructor(
    readonly deps: SocketModerationDeps,
    readonly naming: Naming,
    /** Counts one read, or refuses it. */
    readonly refuseRead: (connection: Connection) => Refusal | null,
  ) {}

  async command(
    connection: Connection,
    typed: Exclude<Typed, { kind: "text" }>,
    about: { ref?: string | undefined; id?: string | undefined },
  ): Promise<void> {
    const slow = this.#refuseChange(connection);
    if (slow) {
      connection.refuse(slow, about);
      return;
    }
    const { room } = connection.ticket;
    const { id } = connection.author;
    const rename = (next: string) => this.naming.rename(room, id, next);
    try {
      const typedAs = about.id === undefined ? {} : { id: about.id };
      const caller = { ...this.#orderer(connection), rename, ...typedAs };
      const answer = await runTyped(typed, caller, this.#verbs(connection));
      if (answer instanceof Refusal) {
        connection.refuse(answer, about);
        return;
      }
      for (const [index, { author, text }] of answer.entries()) {
        connection.notice(author, text, index === 0 ? about : {});
      }
    } catch (fault) {
      reportFault(this.deps.observer, connection, fault, about.ref);
    }
  }

  /** Carries out a frame, and answers it. */
  async receive(
    connection: Connection,
    frame: ModerationRequest & { readonly ref?: string },
  ): Promise<void> {
    const { ref } = frame;
    try {
      const slow = onlyAsks(frame) ? this.refuseRead(connection) : this.#refuseChange(connection);
      const answer =
        slow ?? (await runRequest(frame, this.#orderer(connection), this.#verbs(connection)));
      if (answer instanceof Refusal) connection.refuse(answer, { ref });
      else connection.send(ref === undefined ? answer : { ...answer, ref });
    } catch (fault) {
      reportFault(this.deps.observer, connection, fault, ref);
    }
  }

  /** Deletes a message, and answers only a refusal: the event is the answer to everyone. */
  async remove(connection: Connection, seq: number, ref: string | undefined): Promise<void> {
    const { moderate } = this.deps.chat.moderation.commands;
    try {
      const refusal =
        this.#refuseChange(connection) ??
        (await moderate.remove(this.#orderer(connection), seq, ""));
      if (refusal) connection.refuse(refusal, { ref });
    } catch (fault) {
      reportFault(this.deps.observer, connection, fault, ref);
    }
  }

  #refuseChange({ author, access }: Connection): Refusal | null {
    return this.deps.chat.limits.floods.consume(author, access);
  }

  #orderer({ author, access, ticket: { room, language } }: Connection) {
    return { author, access, room, words: catalogue(language) };
  }

  #verbs({ ticket: { base } }: Connection) {
    return { ...this.deps.chat.moderation.commands, link: (path: string) => base + path };
  }
}

/** Sends updates about a room's reports and roles. */
export class ModerationNews {
  constructor(
    readonly directory: Directory<Connection>,
    readonly moderation: Pick<Chat["moderation"], "accessLookup" | "commands">,
  ) {}

  /**
   * Sends the open reports to moderators, or the roles to everyone. Rejects if the database fails.
   */
  async tell(room: string, what: "reports" | "roles"): Promise<void> {
    const { accessLookup, commands } = this.moderation;
    const isReports = what === "reports";
    const readers = this.directory
      .of(room)
      .filter(({ ticket, access }) => ticket.json && (!isReports || isKeeper(access)));
    if (readers.length === 0 || isDirectName(room)) return;
    const frame = isReports
      ? ({ type: "reports", reports: await commands.reports.openIn(room) } as const)
      : await commands.cards.roles(room, await accessLookup.rules(room));
    for (const connection of readers) if (connection.isOpen) connection.send(frame);
  }
}

function isKeeper({ role }: Connection["access"]): boolean {
  return atLeast(role, "moderator");
}
