import type { RoomEvent } from "../../model/wire/event.ts";

/** Called with a room's events in order. Must not throw. */
export type Deliver = (events: readonly RoomEvent[]) => void;

/** Follows a room's events beside the audience until it is disposed of; disposing twice is once. */
export interface Subscription extends Disposable {
  /** The last event before it began: every later one is delivered to it, in order. */
  readonly head: number;
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
  readonly subscriptions: Set<Deliver>;
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
