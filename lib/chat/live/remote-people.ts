import type { Author } from "../../model/people/person.ts";
import type { Signal } from "../../model/wire/broker.ts";
import type { Roster } from "../../model/wire/presence.ts";

/** What a node says of its people is believed for this long, in milliseconds. */
const LEASE_MS = 35_000;

/** What another node said last of a person. */
interface Statement {
  /** Null: that they left. It is kept, so that an older `here` that arrives later is ignored. */
  readonly author: Author | null;
  /** Its position among the statements of that node. */
  readonly at: number;
  /** When it is no longer believed, in milliseconds of the caller's clock. */
  readonly until: number;
}

/** What one node said of its people in the room. */
interface RemoteNode {
  /** By person. */
  readonly statements: Map<string, Statement>;
  /** The statement about all of its people that is being received in parts. */
  at: number;
  /** How many of them have not been named yet. */
  missing: number;
}

/** The people of one room who are connected to other nodes, each on a lease. */
export class RemotePeople {
  readonly #nodes = new Map<string, RemoteNode>();

  /** `roster`: where they are shown together with this node's own. */
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

  /** Forgets what is no longer believed. */
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

  /** Whether it was news: nothing is known that was said at the same time or later. */
  #believe(
    { statements }: RemoteNode,
    id: string,
    { author, at }: Pick<Statement, "author" | "at">,
    now: number,
  ): boolean {
    const known = statements.get(id);
    // A node of an older version does not number what it says.
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
