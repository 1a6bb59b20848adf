import type { AccessLookup } from "../../chat/moderation/access.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { NameRegistry } from "../../chat/live/name-registry.ts";
import type { RightsListener } from "../../chat/moderation/watch.ts";
import { CLOSE } from "../../model/base/close.ts";
import type { Control } from "../../model/wire/control.ts";
import { globalRole, refuseEntry } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Floods } from "../../chat/limits/floods.ts";
import type { Store } from "../../model/store.ts";
import { aboutOf } from "../../model/rooms/rules.ts";
import { looksAlike } from "../../model/people/skeleton.ts";
import { say } from "../../chat/moderation/replies.ts";
import { catalogue } from "../http/languages.ts";
import type { Connection } from "./connection.ts";
import type { Directory, Located, SocketDirectory } from "./directory.ts";
import { translate } from "../http/translate.ts";

export interface AccessEnforcementDeps {
  readonly accessLookup: AccessLookup;
  readonly observer: Observer;
  readonly now: () => number;
  readonly floods: Floods;
  readonly names: NameRegistry;
  readonly store: Pick<Store, "setting">;
  readonly directory: SocketDirectory;
}

/** A stream of a room's events that is not a socket. */
export interface Stream extends Located {
  /** Reads again whether its reader may be in the room; closes it where not. Never rejects. */
  recheck(): Promise<void>;
  close(): void;
}

/** Accesses that are read at the same time. */
const AT_ONCE = 32;
/** Kicks that are remembered, so that none is carried out a second time. */
const KICKS = 1_000;
/** The most bytes a close frame's reason may have (RFC 6455, section 5.5). */
const REASON_BYTES = 123;

/**
 * Keeps the access of open sockets and streams up to date: it is read when someone comes in, and
 * again for those whom a change concerns. Nothing is read for a message.
 */
export class AccessEnforcement implements RightsListener {
  readonly #kicks = new Set<string>();

  constructor(
    readonly deps: AccessEnforcementDeps,
    readonly streams: Directory<Stream>,
  ) {}

  /**
   * Reads the access of a socket and returns whether it may be in the room; closes it where not.
   * Rejects where the database fails.
   */
  async admit(connection: Connection): Promise<boolean> {
    connection.stale = true;
    connection.rechecking ??= this.#read(connection).finally(() => {
      connection.rechecking = null;
    });
    await connection.rechecking;
    const door = refuseEntry(connection.access, this.deps.now());
    if (!door) return connection.isOpen;
    // The first frame of `chat.v1` is a welcome or nothing: the code and the reason say it all.
    if (!connection.ticket.json) connection.refuse(door.refusal);
    connection.close(door.close, shortened(translate(door.refusal, connection.ticket.language)));
    return false;
  }

  /** Reads until nothing has changed while it was reading. */
  async #read(connection: Connection): Promise<void> {
    const { person, session, network, key, room } = connection.ticket;
    const principal = { person: { id: person }, session, network, key };
    while (connection.stale) {
      connection.stale = false;
      connection.access = await this.deps.accessLookup.of(principal, room);
    }
  }

  async receive(room: string, control: Control, isLate = false): Promise<void> {
    const { directory, floods, store } = this.deps;
    switch (control.action) {
      case "kick":
        return this.#kick(room, control, isLate);
      case "recheck":
        return this.#recheck([
          ...directory.ofSubjects(control.subjects, room),
          ...this.streams.ofSubjects(control.subjects, room),
        ]);
      case "rules":
        return this.#recheck([...directory.of(room), ...this.streams.of(room)]);
      case "everything":
        await floods.load((key) => store.setting(key));
        return this.#recheck([...directory.of(room), ...this.streams.of(room)]);
      case "settings":
        return floods.load((key) => store.setting(key));
      case "name":
        return this.#takeName(control.name, control.owner);
      case "talk":
        for (const connection of directory.ofPerson(control.person, room)) {
          const { base, language } = connection.ticket;
          // The address is the receiver's own: the sender's is the sender's to choose.
          const link = `${base}rooms/${encodeURIComponent(control.room)}`;
          const text = say(catalogue(language), "asked", { name: control.name, link });
          connection.notice(SYSTEM, text);
        }
    }
  }

  /** A kick concerns the sockets that were open when it was ordered: those who come back stay. */
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

  /** A name has an owner now: others who bear it, or one that looks like it, come back without. */
  async #takeName(name: string, owner: string): Promise<void> {
    const { directory, names } = this.deps;
    const found = await names.bearersOf(name);
    const bearers = found.flatMap(({ person, room }) => directory.ofPerson(person, room));
    for (const connection of [...bearers, ...directory.joining]) {
      const { author } = connection;
      if (author.name === "" || author.id === owner || !looksAlike(author.name, name)) continue;
      connection.close(CLOSE.replaced, "this name has an owner now");
    }
  }

  /** So many at a time that a large room does not take every connection to the database. */
  async #recheck(concerned: readonly (Connection | Stream)[]): Promise<void> {
    for (let at = 0; at < concerned.length; at += AT_ONCE) {
      const some = concerned.slice(at, at + AT_ONCE);
      await Promise.all(
        some.map((one) => ("recheck" in one ? one.recheck() : this.#admitAgain(one))),
      );
    }
  }

  /** Also tells those who stay what has changed. Never rejects. */
  async #admitAgain(connection: Connection): Promise<void> {
    try {
      if (!(await this.admit(connection))) return;
    } catch (fault) {
      this.deps.observer.log("error", "access not read", { fault: String(fault) });
      // Better to come back than to stay with a right that may be gone.
      connection.close(CLOSE.goingAway, "going away");
      return;
    }
    const { welcomed, access } = connection;
    if (!welcomed) return;
    if (globalRole(welcomed) !== globalRole(access)) {
      connection.close(CLOSE.replaced, "your role has changed");
      return;
    }
    const about = aboutOf(access.rules);
    if (Bun.deepEquals(about, aboutOf(welcomed.rules))) return;
    connection.welcomed = access;
    if (connection.ticket.json) connection.send({ type: "room", ...about });
  }
}

/** As much of a reason as a close frame holds. */
function shortened(reason: string): string {
  let short = reason;
  while (Buffer.byteLength(short) > REASON_BYTES) short = short.slice(0, -1);
  return short.toWellFormed();
}
