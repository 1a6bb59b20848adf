import { type NameClaim, outranks, replaces } from "../../model/people/bearer.ts";
import { NAME_LIMIT } from "../../model/people/person.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";

export type OnContested = (room: string, person: string) => void;

/** Someone with a named socket of this node. */
export interface NameEntry {
  bearer: NameClaim;
  /** Their sockets in the room that are named. */
  sockets: number;
  /** Called when someone else may have a better claim to the name. */
  readonly onContested: OnContested;
}

/** What someone who is here must be called from now on. */
export type Verdict =
  /** As their own connections to another node are. */
  | { readonly kind: "follow"; readonly bearer: NameClaim }
  /** Another bears this name by a better claim. So many who asked for the same choose before them. */
  | { readonly kind: "yield"; readonly before: number };

/** Numbers that are looked through one by one. */
export const FEW = 9;

/** The claim of someone of whom other nodes are not told: worse than any other. */
export const NO_CLAIM = Number.MAX_SAFE_INTEGER;

/** Who bears which name in one room: by this node's sockets, and by what other nodes have told. */
export class RoomNames {
  /** By person. */
  readonly here = new Map<string, NameEntry>();
  /** By person, by node. */
  readonly elsewhere = new Map<string, Map<string, NameClaim>>();
  readonly #looks = new Map<string, NameClaim[]>();

  get isEmpty(): boolean {
    return this.here.size === 0 && this.elsewhere.size === 0;
  }

  isTaken(name: string, person: string): boolean {
    return skeletonKeys(name).some((each) =>
      this.#looks.get(each)?.some(({ id }) => id !== person),
    );
  }

  /** Returns those with a socket here, themselves among them, who look like someone else now. */
  show(bearer: NameClaim): ReadonlySet<string> {
    const alike = new Set<string>();
    for (const each of skeletonKeys(bearer.name)) {
      const all = [...(this.#looks.get(each) ?? []), bearer];
      this.#looks.set(each, all);
      if (all.every(({ id }) => id === bearer.id)) continue;
      for (const { id } of all) if (this.here.has(id)) alike.add(id);
    }
    return alike;
  }

  hide(bearer: NameClaim): void {
    for (const each of skeletonKeys(bearer.name)) {
      const left = (this.#looks.get(each) ?? []).filter((other) => other !== bearer);
      if (left.length > 0) this.#looks.set(each, left);
      else this.#looks.delete(each);
    }
  }

  /** Since when someone asks for a name: as long as on any node, and later than for their last one. */
  claim(person: string, asked: string, now: number): number {
    const own = this.#all(person);
    const same = own.filter((each) => each.asked === asked);
    if (same.length > 0) return Math.min(now, ...same.map(({ since }) => since));
    const before = own.map(({ since }) => since).filter((since) => since !== NO_CLAIM);
    return Math.max(now, ...before.map((since) => since + 1));
  }

  /** What must become of the name of someone here, by all that is known; null: it stays. */
  verdict(person: string): Verdict | null {
    const own = this.here.get(person)?.bearer;
    if (!own) return null;
    let newest = own;
    for (const other of this.#told(person)) {
      // A name they are about to lose there is not taken up here.
      if (other.name === own.name || !replaces(other, newest)) continue;
      if (other.asked !== own.asked || this.#rank(other) === 0) newest = other;
    }
    if (newest !== own) return { kind: "follow", bearer: newest };
    return this.#rank(own) === 0 ? null : { kind: "yield", before: this.#before(own) };
  }

  /** How many others have a better claim to this name than its bearer. */
  #rank(bearer: NameClaim): number {
    if (bearer.owns) return 0;
    const own = this.#claimed(bearer);
    const others = this.bearers(bearer.name);
    const better = others.filter((other) => outranks(this.#claimed(other), own));
    return new Set(better.map(({ id }) => id).filter((id) => id !== bearer.id)).size;
  }

  /** The others who lose this name, and those who lose it with a lower number: as on every node. */
  #before(own: NameClaim): number {
    let before = this.#rank(own) - 1;
    for (let number = 1; number <= FEW; number += 1) {
      const name = numbered(own.asked, number);
      if (name === own.name) break;
      before += Math.max(0, new Set(this.bearers(name).map(({ id }) => id)).size - 1);
    }
    return before;
  }

  /** Everyone whose name is, or looks like, this one. */
  bearers(name: string): NameClaim[] {
    return skeletonKeys(name).flatMap((each) => this.#looks.get(each) ?? []);
  }

  /** With the oldest claim that they have to it, on whatever node. */
  #claimed(bearer: NameClaim): NameClaim {
    return { ...bearer, since: this.claim(bearer.id, bearer.asked, bearer.since) };
  }

  #all(person: string): NameClaim[] {
    const here = this.here.get(person);
    return here ? [here.bearer, ...this.#told(person)] : this.#told(person);
  }

  #told(person: string): NameClaim[] {
    return [...(this.elsewhere.get(person)?.values() ?? [])];
  }
}

/** A name with a number that tells it from others; as it is with the first. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const suffix = `-${number}`;
  const base = [...name].slice(0, NAME_LIMIT - suffix.length).join("");
  return `${base.trimEnd()}${suffix}`;
}
