/** A name that someone asks for in a room. */
export interface NameRequest {
  readonly room: string;
  readonly person: string;
  readonly name: string;
  /** The name is, or looks like, that of their account: whoever bears it without owning it loses it. */
  readonly owns: boolean;
  /** Where the name is taken: whether they are given it with a number, or nothing. */
  readonly mayNumber: boolean;
}

/** A person in a room. */
export interface NameHolder {
  readonly room: string;
  readonly person: string;
}

/** A person in a room, and what they are called there; empty: they have lost their name. */
export interface HeldName extends NameHolder {
  readonly name: string;
}

export interface NameUpdate {
  /** The name each request was given, in order; null where it is taken. */
  readonly names: readonly (string | null)[];
  /** People who lost their name to its owner. */
  readonly lost: readonly NameHolder[];
  /** Rooms in which people of other nodes have another name now, or none: those nodes should `renew`. */
  readonly elsewhere: readonly string[];
}

export interface NameRenewal {
  /** This node was given up for dead, and nothing is held by it any more. */
  readonly lapsed: boolean;
  /** What other nodes have done to the names of this node's people since the last time. */
  readonly changes: readonly HeldName[];
}

/**
 * Who bears which name in which room, on all nodes of the chat. Of those who hold a name in a room no
 * two look alike, and one person holds one name on all nodes. Names are held by a node for its people
 * until it releases them, closes, or has not renewed for the length of a lease. Any method may reject
 * where the database fails; then nothing has changed.
 */
export interface NameLeases {
  /**
   * Releases names of this node's people, then serves each request in order, in one step. A person's
   * name replaces the one that they held in the room, on all nodes.
   */
  update(requests: readonly NameRequest[], released: readonly NameHolder[]): Promise<NameUpdate>;
  /** The name that `update` would give, without giving it; null where it is taken. */
  preview(request: NameRequest): Promise<string | null>;
  /** Who bears a name that looks like this one, in any room. */
  holdersOf(name: string): Promise<readonly HeldName[]>;
  /** Keeps this node's leases for another term; to be called several times a term. */
  renew(): Promise<NameRenewal>;
  /** Releases everything this node holds. */
  close(): Promise<void>;
}
