import type { RoomEvent } from "../../model/wire/event.ts";

/** Someone who follows a room's events beside the audience. */
export interface Subscription {
  /** The last event delivered before the tap; `take` is called with every later one, in order. */
  readonly head: number;
  readonly deliver: (events: readonly RoomEvent[]) => void;
}

export interface OpenRoom {
  /** Connections of this node in the room. */
  connections: number;
  /** The last `seq` that was delivered here; -1 until it is known. */
  head: number;
  /** The last `seq` heard of. */
  wanted: number;
  filling: Promise<boolean> | null;
  /** Heard before what comes before them; by `seq`. */
  readonly early: Map<number, RoomEvent>;
  /** Runs while the signals of a gap may still arrive by themselves. */
  patience: Timer | null;
  readonly ready: Promise<void>;
  readonly subscriptions: Set<Subscription>;
}

/** A room that one connection has just entered. */
export function openRoom(ready: Promise<void>): OpenRoom {
  return {
    connections: 1,
    head: -1,
    wanted: 0,
    filling: null,
    early: new Map(),
    patience: null,
    ready,
    subscriptions: new Set(),
  };
}
