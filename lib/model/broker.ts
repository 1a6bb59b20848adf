import type { RoomEvent } from "./event.ts";
import type { PersonRead, PersonTyping } from "./frame.ts";

/** What passes between nodes about a room. */
export type Signal =
  /** Committed events of one room, in `seq` order. Lost ones are found again in the store. */
  | { readonly kind: "events"; readonly events: readonly RoomEvent[] }
  /** The room's log has grown to `seq`; read it. For what does not fit into one payload. */
  | { readonly kind: "wake"; readonly seq: number }
  /** Not kept anywhere: losing one costs nothing but itself. */
  | { readonly kind: "passing"; readonly frame: PersonTyping | PersonRead };

/**
 * Carries signals between the nodes of one chat, this node included. At most once, in no promised
 * order across publishers: it is a matter of latency, never of truth.
 */
export interface Broker {
  /** Who receives; set once, before the first `subscribe`. */
  onSignal(receive: (room: string, signal: Signal) => void): void;
  /** Called when signals may have been lost, after the connection is back: read every room again. */
  onLost(recover: () => void): void;
  /** Resolves when every later `publish` on any node will be received. Subscribing twice is once. */
  subscribe(room: string): Promise<void>;
  unsubscribe(room: string): Promise<void>;
  /** Never rejects, never blocks the caller; what cannot be sent is dropped. */
  publish(room: string, signal: Signal): void;
  close(): Promise<void>;
}
