import type { Observer } from "../../model/base/observer.ts";
import type {
  HeldName,
  NameLeases,
  NameUpdate,
  NameRequest,
} from "../../model/people/name-leases.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import { NameQueue, holderKey } from "./name-queue.ts";

/**
 * The interval at which leases are renewed, in milliseconds; a lease lasts several times as long.
 */
export const RENEW_MS = 4_000;

/**
 * Called when a person's name in the room has changed, for all their connections to this node.
 * `lost`: the name taken from them; null if they asked for the new one.
 */
export type OnRename = (room: string, person: string, name: string, lost: string | null) => void;

/** A person with named connections to this node in a room. */
interface Entry {
  readonly room: string;
  readonly person: string;
  /** Named connections, and requests under way. */
  holds: number;
  /** The present name; empty until one is assigned. */
  name: string;
  /** The requested name; `name` may have a number. */
  asked: string;
  owns: boolean;
  /** The name is no longer held; another must be found. */
  isLost: boolean;
  readonly onRename: OnRename;
}

export interface NameRegistryDeps {
  readonly leases: NameLeases;
  /** Announces to the other nodes that names in the room have changed. */
  readonly broadcast: (room: string) => void;
  readonly observer: Pick<Observer, "log">;
}

/**
 * The names of this node's people, by room. Requests them, holds them while a person is connected,
 * and reports when one must change. Concurrent requests are batched. A person has one name in a
 * room.
 */
export class NameRegistry {
  /** By room and person. */
  readonly #entries = new Map<string, Entry>();
  readonly #queue: NameQueue;
  #renewing: Promise<void> | null = null;
  #isDue = false;

  constructor(readonly deps: NameRegistryDeps) {
    const { leases, observer } = deps;
    this.#queue = new NameQueue(leases, observer, (update) => this.#updated(update));
  }

  /** The name of a person with named connections here; null if they have none. */
  nameOf(room: string, person: string): string | null {
    return this.#entries.get(holderKey({ room, person }))?.name ?? null;
  }

  /**
   * Requests a name for one more connection, which counts until `leave`. When it resolves, `nameOf`
   * is theirs: the name, or if it is taken, the name with a number. Rejects if the database fails;
   * the connection does not count then.
   */
  async enter(
    room: string,
    { id, name }: Author,
    owns: boolean,
    onRename: OnRename,
  ): Promise<void> {
    const entry = this.#hold(room, id, onRename);
    try {
      await this.#claim(entry, { name, owns, mayNumber: true });
    } catch (fault) {
      this.leave(room, id);
      throw fault;
    }
  }

  /** Counts one more connection under the person's present name. */
  join(room: string, person: string, onRename: OnRename): void {
    this.#hold(room, person, onRename);
  }

  /** Counts one named connection less; the last one releases the name. */
  leave(room: string, person: string): void {
    const place = holderKey({ room, person });
    const entry = this.#entries.get(place);
    if (!entry) return;
    entry.holds -= 1;
    if (entry.holds > 0) return;
    this.#entries.delete(place);
    this.#queue.release({ room, person });
  }

  /** Renames all connections of a person; false if the name is taken, and nothing has changed. */
  async rename(
    room: string,
    { id, name }: Author,
    owns: boolean,
    onRename: OnRename,
  ): Promise<boolean> {
    const entry = this.#hold(room, id, onRename);
    try {
      const given = await this.#claim(entry, { name, owns, mayNumber: false });
      // Also for people without a name.
      if (given) onRename(room, id, entry.name, null);
      return given;
    } finally {
      this.leave(room, id);
    }
  }

  /** Whether someone else in the room has that name, or one that looks like it. */
  async isTaken(room: string, { id, name }: Author): Promise<boolean> {
    const request = { room, person: id, name, owns: false, mayNumber: false };
    return (await this.deps.leases.preview(request)) === null;
  }

  /**
   * The author to use for someone who is not connected: under a name that nobody in the room has at
   * present.
   */
  async speaker(room: string, { id, name }: Author): Promise<Author> {
    if (name === "") return authorOf(id, name);
    const request = { room, person: id, name, owns: false, mayNumber: true };
    return authorOf(id, (await this.deps.leases.preview(request)) ?? name);
  }

  /** The people whose names look like this one, in any room, on any node. */
  holdersOf(name: string): Promise<readonly HeldName[]> {
    return this.deps.leases.holdersOf(name);
  }

  /**
   * Renews this node's leases, and applies changes by other nodes made before the call. One run at
   * a time. Never rejects.
   */
  renew(): Promise<void> {
    this.#isDue = true;
    this.#renewing ??= this.#renewWhileDue();
    return this.#renewing;
  }

  /** Releases all names. */
  async close(): Promise<void> {
    await this.#renewing;
    await this.#queue.idle();
    await this.deps.leases.close();
  }

  #hold(room: string, person: string, onRename: OnRename): Entry {
    const place = holderKey({ room, person });
    const entry = this.#entries.get(place) ?? {
      ...{ room, person, holds: 0, name: "", asked: "", owns: false, isLost: false, onRename },
    };
    entry.holds += 1;
    this.#entries.set(place, entry);
    this.#queue.cancelRelease(entry);
    return entry;
  }

  #claim(
    entry: Entry,
    asked: Pick<NameRequest, "name" | "owns" | "mayNumber">,
    lost: string | null = null,
  ): Promise<boolean> {
    const { room, person } = entry;
    return this.#queue.claim({ room, person, ...asked }, (name) => {
      const before = entry.name;
      entry.name = name;
      entry.isLost = false;
      if (lost === null) {
        entry.asked = asked.name;
        entry.owns = asked.owns;
      }
      if (before !== "" && before !== name) entry.onRename(room, person, name, lost);
    });
  }

  #updated({ lost, elsewhere }: NameUpdate): void {
    for (const room of elsewhere) this.deps.broadcast(room);
    for (const holder of lost) {
      const entry = this.#entries.get(holderKey(holder));
      // A person without a name has lost nothing.
      if (!entry || entry.name === "") continue;
      entry.isLost = true;
      void this.#find(entry);
    }
  }

  async #renewWhileDue(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      await this.#renew();
    }
    this.#renewing = null;
  }

  async #renew(): Promise<void> {
    const { leases, observer } = this.deps;
    try {
      const { lapsed, changes } = await leases.renew();
      if (lapsed) for (const entry of this.#entries.values()) entry.isLost = entry.name !== "";
      for (const { room, person, name } of changes) {
        const entry = this.#entries.get(holderKey({ room, person }));
        if (!entry || entry.name === "") continue;
        if (name === "") entry.isLost = true;
        else if (entry.name !== name) {
          entry.name = name;
          entry.asked = name;
          entry.owns = false;
          entry.onRename(room, person, name, null);
        }
      }
    } catch (fault) {
      observer.log("warn", "names not renewed", { fault: String(fault) });
    }
    const lost = [...this.#entries.values()].filter(({ isLost }) => isLost);
    await Promise.all(lost.map((entry) => this.#find(entry)));
    this.#queue.flush();
  }

  /** Requests a name for someone who lost theirs: the same if it is free again. Never rejects. */
  async #find(entry: Entry): Promise<void> {
    const { room, person, name, asked, owns } = entry;
    // Counts as a connection meanwhile, so that the name is released if they leave.
    entry.holds += 1;
    try {
      await this.#claim(entry, { name, owns, mayNumber: false }, name);
      if (entry.isLost) await this.#claim(entry, { name: asked, owns, mayNumber: true }, name);
    } catch (fault) {
      this.deps.observer.log("warn", "name not found", { room, fault: String(fault) });
    } finally {
      this.leave(room, person);
    }
  }
}
