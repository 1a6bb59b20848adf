import type { RoomEvent } from "../../model/wire/event.ts";

/** Called with a room's events in order. Must not throw. */
export type Deliver = (events: readonly RoomEvent[]) => void;

/** Delivers a room's events, besides the audience, until disposed of. Disposing is idempotent. */
export interface Subscription extends Disposable {
  /** The last event before it began; every later one is delivered, in order. */
  readonly head: number;
}

export interface OpenRoom {
  /** This node's connections in the room. */
  connections: number;
  /** The last `seq` delivered here; -1 until it is known. */
  head: number;
  /** The highest `seq` received or announced. */
  wanted: number;
  filling: Promise<boolean> | null;
  /** Events received before their predecessors, by `seq`. */
  readonly early: Map<number, RoomEvent>;
  /** Runs while missing events may still arrive by themselves. */
  patience: Timer | null;
  readonly ready: Promise<void>;
  readonly subscriptions: Set<Deliver>;
}

/** A room that its first connection has just entered. */
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
