import type { AccessLookup } from "../../chat/moderation/access.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { NameRegistry } from "../../chat/live/name-registry.ts";
import type { RightsListener } from "../../chat/moderation/watch.ts";
import { Coalescer } from "../../model/base/coalescer.ts";
import { CLOSE, CLOSE_REASON } from "../../model/base/close.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { globalRole, refuseEntry } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Floods } from "../../chat/limits/floods.ts";
import type { Store } from "../../model/store.ts";
import { aboutOf, talkPath } from "../../model/rooms/rules.ts";
import { looksAlike } from "../../model/people/skeleton.ts";
import { say } from "../../chat/moderation/replies.ts";
import { catalogue } from "../http/languages.ts";
import type { Connection } from "./connection.ts";
import type { Directory, Located, SocketDirectory } from "./directory.ts";
import type { ModerationNews } from "./moderation.ts";
import { translate } from "../http/translate.ts";

export interface AccessEnforcementDeps {
  readonly accessLookup: AccessLookup;
  readonly observer: Observer;
  readonly now: () => number;
  readonly floods: Floods;
  readonly names: NameRegistry;
  readonly store: Pick<Store, "setting">;
  readonly directory: SocketDirectory;
  readonly news: Pick<ModerationNews, "tell">;
}

/** A stream of a room's events other than a socket. */
export interface Stream extends Located {
  /**
   * Reads its reader's access again, and closes it if they may not be in the room. Never rejects.
   */
  recheck(): Promise<void>;
  close(): void;
}

/** Accesses read concurrently. */
const AT_ONCE = 32;
/** The number of recent kicks remembered, so that none is repeated. */
const KICKS = 1_000;
/** The most bytes a close frame's reason may have (RFC 6455, section 5.5). */
const REASON_BYTES = 123;

/**
 * Keeps the access of open sockets and streams up to date: it is read on entry, and again for those
 * a change concerns, never for a message.
 */
export class AccessEnforcement implements RightsListener {
  readonly #kicks = new Set<string>();
  /** Rooms whose rules are being read. */
  readonly #rules = new Coalescer();

  constructor(
    readonly deps: AccessEnforcementDeps,
    readonly streams: Directory<Stream>,
  ) {}

  /**
   * Reads a socket's access and returns whether it may be in the room; closes it if not. Rejects if
   * the database fails.
   */
  async admit(connection: Connection): Promise<boolean> {
    connection.stale = true;
    connection.rechecking ??= this.#read(connection).finally(() => {
      connection.rechecking = null;
    });
    await connection.rechecking;
    return this.#mayStay(connection);
  }

  /** Repeats the read until nothing changed meanwhile. */
  async #read(connection: Connection): Promise<void> {
    const { person, session, network, key, room } = connection.ticket;
    const principal = { person: { id: person }, session, network, key };
    while (connection.stale) {
      connection.stale = false;
      connection.access = await this.deps.accessLookup.of(principal, room);
    }
  }

  /** Resolves when the change holds on this node. Never rejects. */
  async receive(room: string, control: Control, isLate = false): Promise<void> {
    try {
      await this.#receive(room, control, isLate);
    } catch (fault) {
      const { action } = control;
      this.deps.observer.log("error", "change not applied", { action, fault: String(fault) });
    }
  }

  async #receive(room: string, control: Control, isLate: boolean): Promise<void> {
    const { directory, floods, store } = this.deps;
    switch (control.action) {
      case "kick":
        return this.#kick(room, control, isLate);
      case "recheck":
        return this.#recheck(
          directory.ofSubjects(control.subjects, room),
          this.streams.ofSubjects(control.subjects, room),
        );
      case "rules":
        if (room !== EVERYWHERE) return this.#rules.run(room, () => this.#renewRules(room));
        return this.#recheck(directory.of(room), this.streams.of(room));
      case "everything":
        await floods.load((key) => store.setting(key));
        return this.#recheck(directory.of(room), this.streams.of(room));
      case "settings":
        return floods.load((key) => store.setting(key));
      case "reports":
      case "roles":
        return this.deps.news.tell(room, control.action);
      case "name":
        return this.#takeName(control.name, control.owner);
      case "talk":
        for (const connection of directory.ofPerson(control.person, room)) {
          const { base, language } = connection.ticket;
          // From the receiver's own base address; the sender could choose theirs.
          const link = base + talkPath([{ id: control.from }]);
          const text = say(catalogue(language), "asked", { name: control.name, link });
          connection.notice(SYSTEM, text);
        }
    }
  }

  /**
   * Closes the person's sockets that were open when the kick was ordered, not those that came back.
   */
  #kick(room: string, control: Extract<Control, { action: "kick" }>, isLate: boolean): void {
    const { person, reason, at } = control;
    const key = `${room} ${person} ${at}`;
    if (this.#kicks.has(key)) return;
    this.#kicks.add(key);
    const [oldest] = this.#kicks;
    if (this.#kicks.size > KICKS && oldest !== undefined) this.#kicks.delete(oldest);
    for (const connection of this.deps.directory.ofPerson(person, room)) {
      if (isLate && connection.openedAt > at) continue;
      connection.close(CLOSE.kicked, shortened(reason));
    }
  }

  /** A name has an owner now: sockets of others whose names look like it reconnect without one. */
  async #takeName(name: string, owner: string): Promise<void> {
    const { directory, names } = this.deps;
    const joining = [...directory.joining];
    const found = await names.holdersOf(name);
    const holders = found.flatMap(({ person, room }) => directory.ofPerson(person, room));
    for (const connection of [...joining, ...holders]) {
      const { author } = connection;
      if (author.name === "" || author.id === owner || !looksAlike(author.name, name)) continue;
      connection.close(CLOSE.replaced, CLOSE_REASON.nameOwned);
    }
  }

  /**
   * Reads a room's rules once for all its sockets, if it was open and stays so: nothing else about
   * them depends on rules then. Never rejects.
   */
  async #renewRules(room: string): Promise<void> {
    const { accessLookup, directory } = this.deps;
    const rules = await accessLookup.rules(room).catch(() => null);
    const others: Connection[] = [];
    for (const connection of directory.of(room)) {
      const { access, stale, rechecking } = connection;
      const isOpen = rules?.kind === "open" && access.rules.kind === "open";
      // A read that is under way may have older rules.
      if (!isOpen || stale || rechecking) others.push(connection);
      else {
        connection.access = { ...access, rules };
        this.#update(connection);
      }
    }
    await this.#recheck(others, this.streams.of(room));
  }

  async #recheck(sockets: Iterable<Connection>, streams: Iterable<Stream>): Promise<void> {
    await inTurns(sockets, (connection) => this.#admitAgain(connection));
    await inTurns(streams, (stream) => stream.recheck());
  }

  /** Never rejects. */
  async #admitAgain(connection: Connection): Promise<void> {
    try {
      if (await this.admit(connection)) this.#update(connection);
    } catch (fault) {
      this.deps.observer.log("error", "access not read", { fault: String(fault) });
      // Reconnecting is better than keeping a right that may be gone.
      connection.close(CLOSE.goingAway, CLOSE_REASON.goingAway);
    }
  }

  /**
   * Closes a socket that may not be in its room, or whose global role has changed; sends new rules.
   */
  #update(connection: Connection): void {
    if (!this.#mayStay(connection)) return;
    const { welcomed, access } = connection;
    if (!welcomed) return;
    if (globalRole(welcomed) !== globalRole(access)) {
      connection.close(CLOSE.replaced, CLOSE_REASON.roleChanged);
      return;
    }
    const about = aboutOf(access.rules);
    if (Bun.deepEquals(about, aboutOf(welcomed.rules))) return;
    connection.welcomed = access;
    if (connection.ticket.json) connection.send({ type: "room", ...about });
  }

  /** Closes the socket if its access does not admit it to the room. */
  #mayStay(connection: Connection): boolean {
    const door = refuseEntry(connection.access, this.deps.now());
    if (!door) return connection.isOpen;
    // The first frame of `chat.v1` is always a welcome; the close code and reason suffice.
    if (!connection.ticket.json) connection.refuse(door.refusal);
    connection.close(door.close, shortened(translate(door.refusal, connection.ticket.language)));
    return false;
  }
}

/** In batches, so that a large room does not take every database connection. */
async function inTurns<T>(all: Iterable<T>, work: (one: T) => Promise<void>): Promise<void> {
  const list = [...all];
  for (let at = 0; at < list.length; at += AT_ONCE) {
    await Promise.all(list.slice(at, at + AT_ONCE).map(work));
  }
}

/** Shortens a reason to what a close frame holds. */
function shortened(reason: string): string {
  let short = reason;
  while (Buffer.byteLength(short) > REASON_BYTES) short = short.slice(0, -1);
  return short.toWellFormed();
}
