import type { Author } from "../../model/people/person.ts";
import type { Signal } from "../../model/wire/broker.ts";
import type { Roster } from "../../model/wire/presence.ts";

/** The lease on a node's statements, in milliseconds. */
const LEASE_MS = 35_000;

/** Another node's last statement about a person. */
interface Statement {
  /** Null: they left. Kept so that an older `here` that arrives later is ignored. */
  readonly author: Author | null;
  /** Its number among that node's statements. */
  readonly at: number;
  /** When it expires, in milliseconds of the caller's clock. */
  readonly until: number;
}

/** A node's statements about its people in the room. */
interface RemoteNode {
  /** By person. */
  readonly statements: Map<string, Statement>;
  /** The complete statement being received in parts. */
  at: number;
  /** The number of people still missing from it. */
  missing: number;
}

/** The people of a room who are connected to other nodes, on leases. */
export class RemotePeople {
  readonly #nodes = new Map<string, RemoteNode>();

  /** `roster`: the people shown, including this node's own. */
  constructor(readonly roster: Roster) {}

  receive(signal: Extract<Signal, { kind: "here" | "gone" }>, now: number): void {
    const { node, at } = signal;
    const remote = this.#nodes.get(node) ?? { statements: new Map(), at: 0, missing: 0 };
    this.#nodes.set(node, remote);
    if (signal.kind === "gone") {
      for (const id of signal.ids) this.#believe(remote, id, { author: null, at }, now);
      return;
    }
    const { people, total } = signal;
    if (total !== undefined && remote.at < at) {
      remote.at = at;
      remote.missing = total;
    }
    for (const author of people) {
      const isNew = this.#believe(remote, author.id, { author, at }, now);
      if (isNew && remote.at === at) remote.missing -= 1;
    }
    if (remote.at === at && remote.missing === 0) {
      this.#forget(remote, (statement) => statement.at < at);
    }
  }

  /** Forgets expired statements. */
  expire(now: number): void {
    for (const [node, remote] of this.#nodes) {
      this.#forget(remote, ({ until }) => until <= now);
      if (remote.statements.size === 0) this.#nodes.delete(node);
    }
  }

  #forget({ statements }: RemoteNode, isOver: (statement: Statement) => boolean): void {
    for (const [id, statement] of statements) {
      if (!isOver(statement)) continue;
      statements.delete(id);
      this.#replace(statement.author, null);
    }
  }

  /** Returns whether the statement is newer than what is known. */
  #believe(
    { statements }: RemoteNode,
    id: string,
    { author, at }: Pick<Statement, "author" | "at">,
    now: number,
  ): boolean {
    const known = statements.get(id);
    // Older versions do not number their statements.
    if (known && at > 0 && known.at >= at) return false;
    statements.set(id, { author, at, until: now + LEASE_MS });
    this.#replace(known?.author ?? null, author);
    return true;
  }

  #replace(before: Author | null, after: Author | null): void {
    if (before?.name === after?.name) return;
    if (after) this.roster.enter(after);
    if (before) this.roster.leave(before.id);
  }
}
