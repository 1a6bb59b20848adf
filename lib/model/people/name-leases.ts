/** A request for a name in a room. */
export interface NameRequest {
  readonly room: string;
  readonly person: string;
  readonly name: string;
  /**
   * Whether the name, or one that looks like it, belongs to the person's account. Other holders
   * then lose it.
   */
  readonly owns: boolean;
  /** If the name is taken: whether to assign it with a number, or nothing. */
  readonly mayNumber: boolean;
}

/** A person in a room. */
export interface NameHolder {
  readonly room: string;
  readonly person: string;
}

/** A person's name in a room; empty: they have lost it. */
export interface HeldName extends NameHolder {
  readonly name: string;
}

export interface NameUpdate {
  /** The name assigned to each request, in order; null if it is taken. */
  readonly names: readonly (string | null)[];
  /** People who lost their name to its owner. */
  readonly lost: readonly NameHolder[];
  /** Rooms in which names of other nodes' people have changed. Those nodes should call `renew`. */
  readonly elsewhere: readonly string[];
}

export interface NameRenewal {
  /** This node's leases expired, and it holds nothing any more. */
  readonly lapsed: boolean;
  /** Changes that other nodes made to the names of this node's people since the last call. */
  readonly changes: readonly HeldName[];
}

/**
 * The names people hold in rooms, across all nodes. Within a room no two held names look alike, and
 * a person holds one name on all nodes. A node holds names for its people until it releases them,
 * closes, or fails to renew for the length of a lease. Any method rejects if the database fails;
 * nothing has changed then.
 */
export interface NameLeases {
  /**
   * Releases names of this node's people, then serves each request in order, atomically. A name
   * replaces the one the person held in the room, on all nodes.
   */
  update(requests: readonly NameRequest[], released: readonly NameHolder[]): Promise<NameUpdate>;
  /** The name that `update` would assign; null if it is taken. */
  preview(request: NameRequest): Promise<string | null>;
  /** The holders of names that look like this one, in any room. */
  holdersOf(name: string): Promise<readonly HeldName[]>;
  /** Extends this node's leases by another term. Call several times a term. */
  renew(): Promise<NameRenewal>;
  /** Releases everything this node holds. */
  close(): Promise<void>;
}
