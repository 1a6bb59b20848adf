import type { AccessLookup } from "../../chat/moderation/access.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { RightsListener } from "../../chat/moderation/watch.ts";
import { CLOSE } from "../../model/base/close.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { refuseEntry } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Floods } from "../../chat/limits/floods.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import { aboutOf } from "../../model/rooms/rules.ts";
import { subjectsOf } from "../../model/rooms/sanction.ts";
import { looksAlike } from "../../model/people/skeleton.ts";
import type { Connection } from "./connection.ts";
import { translate } from "../http/translate.ts";

export interface AccessEnforcementDeps {
  readonly accessLookup: AccessLookup;
  readonly records: Pick<Records, "accounts">;
  readonly observer: Observer;
  readonly now: () => number;
  readonly floods: Floods;
  readonly store: Pick<Store, "setting">;
}

/** A stream of a room's events that is not a socket. */
export interface Stream {
  readonly room: string;
  readonly person: string;
  /** By its hash; null: not signed in. */
  readonly session: string | null;
  close(): void;
}

/** Standings read at the same time. */
const AT_ONCE = 32;
/** The most bytes a close frame's reason may have (RFC 6455, section 5.5). */
const REASON_BYTES = 123;

/**
 * Keeps what open sockets may do up to date: reads a access when someone comes in, and again when
 * a control says that it may have changed. Who may no longer be there is closed with the code of
 * why; nothing is asked of the database for a message.
 */
export class AccessEnforcement implements RightsListener {
  /** Standings that are being read again. */
  readonly #running = new Set<Promise<void>>();

  constructor(
    readonly deps: AccessEnforcementDeps,
    readonly open: ReadonlySet<Connection>,
    readonly streams: ReadonlySet<Stream>,
  ) {}

  /** Whether they may be in the room; closes the socket where not. Rejects where the database fails. */
  async admit(connection: Connection): Promise<boolean> {
    if (!(await this.#isSignedIn(connection))) {
      signOut(connection);
      return false;
    }
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
    const { person, network, key, room } = connection.ticket;
    while (connection.stale) {
      connection.stale = false;
      connection.access = await this.deps.accessLookup.of({ person, network, key }, room);
    }
  }

  /** Resolves when everything received so far holds for the sockets of this node. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  receive(room: string, control: Control): void {
    const isHere = (connection: Connection) =>
      room === EVERYWHERE || connection.ticket.room === room;
    const here = [...this.open].filter(isHere);
    switch (control.action) {
      case "kick":
        for (const connection of here) {
          if (connection.author.id !== control.person) continue;
          connection.close(CLOSE.kicked, shortened(control.reason));
        }
        return;
      case "recheck":
        this.#recheck(here.filter((connection) => isAbout(connection, control.subjects)));
        this.#closeStreams(room);
        return;
      case "rules":
        this.#run(this.#newRules(here));
        this.#closeStreams(room);
        return;
      case "everything":
        this.recheckSettings();
        this.recheckIn(room === EVERYWHERE ? "" : room);
        return;
      case "settings":
        this.recheckSettings();
        return;
      case "session":
        for (const connection of here) {
          if (connection.ticket.session === control.session) signOut(connection);
        }
        for (const stream of [...this.streams]) {
          if (stream.session === control.session) stream.close();
        }
        return;
      case "name":
        this.recheckName(control.name, control.owner);
        return;
      case "tell":
        for (const connection of here) {
          if (connection.author.id === control.person) connection.notice(SYSTEM, control.text);
        }
        return;
    }
  }

  /** Every socket of a room, or of all rooms (empty), where controls may have been missed. */
  recheckIn(room: string): void {
    const isThere = ({ ticket }: Connection) => room === "" || ticket.room === room;
    this.#recheck([...this.open].filter(isThere));
    this.#closeStreams(room === "" ? EVERYWHERE : room);
  }

  recheckPerson(person: string): void {
    this.#recheck([...this.open].filter(({ ticket }) => ticket.person.id === person));
    for (const stream of [...this.streams]) if (stream.person === person) stream.close();
  }

  recheckSettings(): void {
    const { floods, store } = this.deps;
    void floods.load((key) => store.setting(key));
  }

  recheckName(owned: string, owner: string): void {
    for (const connection of this.open) {
      const { id, name } = connection.author;
      if (name === "" || id === owner || !looksAlike(name, owned)) continue;
      connection.close(CLOSE.replaced, "this name has an owner now");
    }
  }

  #recheck(connections: readonly Connection[]): void {
    this.#run(inTurns(connections, (connection) => this.#admitAgain(connection)));
  }

  #run(work: Promise<unknown>): void {
    const running = work.then(() => {
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** Whether they are still there. Never rejects. */
  async #admitAgain(connection: Connection): Promise<boolean> {
    try {
      return (await this.admit(connection)) && connection.stage === "here";
    } catch (fault) {
      this.deps.observer.log("error", "access not read", { fault: String(fault) });
      // Better to come back than to stay with a right that may be gone.
      connection.close(CLOSE.goingAway, "going away");
      return false;
    }
  }

  /** Whether the session they came with, if any, has not ended. */
  async #isSignedIn({ ticket: { session } }: Connection): Promise<boolean> {
    const { records, now } = this.deps;
    return session === null || (await records.accounts.bySession(session, now())) !== null;
  }

  /** Everyone's access again, and the news to those who stay. */
  async #newRules(connections: readonly Connection[]): Promise<void> {
    const look = async (connection: Connection) => {
      if (!(await this.#admitAgain(connection)) || !connection.ticket.json) return;
      connection.send({ type: "room", ...aboutOf(connection.access.rules) });
    };
    await inTurns(connections, look);
  }

  /** They come back where they were, and are asked at the door. */
  #closeStreams(room: string): void {
    for (const stream of [...this.streams]) {
      if (room === EVERYWHERE || stream.room === room) stream.close();
    }
  }
}

/** They come back as whoever they are now. */
function signOut(connection: Connection): void {
  connection.close(CLOSE.replaced, "signed out");
}

function isAbout(
  { ticket: { person, network } }: Connection,
  subjects: readonly string[],
): boolean {
  const own = subjectsOf({ id: person.id, isGuest: person.role === "guest" }, network);
  return own.some((subject) => subjects.includes(subject));
}

/** So many at a time that a large room does not take every connection to the database. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await Promise.all(all.slice(at, at + AT_ONCE).map(work));
  }
}

/** As much of a reason as a close frame holds. */
function shortened(reason: string): string {
  let short = reason;
  while (Buffer.byteLength(short) > REASON_BYTES) short = short.slice(0, -1);
  return short.toWellFormed();
}
