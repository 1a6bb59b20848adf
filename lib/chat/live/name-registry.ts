import type { Observer } from "../../model/base/observer.ts";
import type {
  HeldName,
  NameLeases,
  NameUpdate,
  NameRequest,
} from "../../model/people/name-leases.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import { NameQueue, holderKey } from "./name-queue.ts";

/** How often names are renewed, in milliseconds; a lease lasts several times as long. */
export const RENEW_MS = 4_000;

/**
 * Called when a person of this node is to be called otherwise at all their connections in the room.
 * `lost`: the name that was taken from them; null where they asked for the new one themselves.
 */
export type OnRename = (room: string, person: string, name: string, lost: string | null) => void;

/** Someone with named connections to this node in a room. */
interface Entry {
  readonly room: string;
  readonly person: string;
  /** Their named connections, and claims under way. */
  holds: number;
  /** What they go by; empty until they were given a name. */
  name: string;
  /** What they asked for: `name` may have a number. */
  asked: string;
  owns: boolean;
  /** Their name is not held any more, and another must be found. */
  isLost: boolean;
  onRename: OnRename;
}

export interface NameRegistryDeps {
  readonly leases: NameLeases;
  /** Says to the other nodes that names in the room have changed hands. */
  readonly broadcast: (room: string) => void;
  readonly observer: Pick<Observer, "log">;
}

/**
 * The names of this node's people, by room: claims them, holds them as long as they have a connection,
 * and says when one must change. What comes together is claimed together. One person has one name.
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

  /** What a person with named connections here is called; null where there is none. */
  nameOf(room: string, person: string): string | null {
    return this.#entries.get(holderKey({ room, person }))?.name ?? null;
  }

  /**
   * Claims a name for one more connection, which counts until `leave`. `nameOf` is theirs when it
   * resolves: the name, or where another bears it, the name with a number. Rejects where the database
   * fails; then the connection does not count.
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

  /** One more connection by the name that the person has. */
  join(room: string, person: string, onRename: OnRename): void {
    this.#hold(room, person, onRename);
  }

  /** One named connection less; with the last their name is free. */
  leave(room: string, person: string): void {
    const place = holderKey({ room, person });
    const entry = this.#entries.get(place);
    if (!entry) return;
    entry.holds -= 1;
    if (entry.holds > 0) return;
    this.#entries.delete(place);
    this.#queue.release({ room, person });
  }

  /** Another name for all connections of a person; false where it is taken, and nothing has changed. */
  async rename(
    room: string,
    { id, name }: Author,
    owns: boolean,
    onRename: OnRename,
  ): Promise<boolean> {
    const entry = this.#hold(room, id, onRename);
    try {
      const given = await this.#claim(entry, { name, owns, mayNumber: false });
      // Also those who had no name.
      if (given) onRename(room, id, entry.name, null);
      return given;
    } finally {
      this.leave(room, id);
    }
  }

  /** Whether someone else in the room is called that, or looks like it. */
  async isTaken(room: string, { id, name }: Author): Promise<boolean> {
    const request = { room, person: id, name, owns: false, mayNumber: false };
    return (await this.deps.leases.preview(request)) === null;
  }

  /** As whom someone speaks who is not connected: by a name that nobody in the room bears just now. */
  async speaker(room: string, { id, name }: Author): Promise<Author> {
    if (name === "") return authorOf(id, name);
    const request = { room, person: id, name, owns: false, mayNumber: true };
    return authorOf(id, (await this.deps.leases.preview(request)) ?? name);
  }

  /** Who bears a name that looks like this one now, in any room, by any node. */
  holdersOf(name: string): Promise<readonly HeldName[]> {
    return this.deps.leases.holdersOf(name);
  }

  /**
   * Keeps this node's names, and takes up what other nodes have changed before it was called. Once at
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
    entry.onRename = onRename;
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
      // Who is not named yet has lost nothing.
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

  /** A name for someone who has lost theirs: the same where it is free again. Never rejects. */
  async #find(entry: Entry): Promise<void> {
    const { room, person, name, asked, owns } = entry;
    // Until it is found they count as here, so that it is released if they leave meanwhile.
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
