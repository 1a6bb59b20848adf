import type { Author } from "../people/person.ts";
import type { Control } from "./control.ts";
import type { RoomEvent } from "./event.ts";
import type { RoomHead } from "./inbox.ts";
import type { PersonRead, PersonTyping } from "./frame.ts";

/** A message between nodes about a room. */
export type Signal =
  /** Committed events of the room, in `seq` order. Lost ones are recovered from the store. */
  | { readonly kind: "events"; readonly events: readonly RoomEvent[] }
  /**
   * The room's log has grown to `seq`; read it. Sent instead of events that do not fit into a
   * payload.
   */
  | { readonly kind: "wake"; readonly seq: number }
  /** Not stored; may be lost. */
  | { readonly kind: "ephemeral"; readonly frame: PersonTyping | PersonRead }
  /** These people are in the room through this node, until the node stops repeating it. */
  | {
      readonly kind: "here";
      readonly node: string;
      /**
       * Increases with each statement of the node; older ones about the same person are ignored.
       */
      readonly at: number;
      /**
       * Present if the statement, in all its parts, names everyone in the room through this node:
       * their number. People who are not named have left.
       */
      readonly total?: number;
      readonly people: readonly Author[];
    }
  /** These people have left the room on this node. */
  | {
      readonly kind: "gone";
      readonly node: string;
      readonly at: number;
      readonly ids: readonly string[];
    }
  /** This node has just opened the room; the others reply with their people. */
  | { readonly kind: "who"; readonly node: string }
  /** Names in the room have changed; nodes with people there read theirs again. */
  | { readonly kind: "names" }
  /** The inboxes of these people have changed; read them again. */
  | { readonly kind: "inbox"; readonly people: readonly string[] }
  /** These rooms have new messages. */
  | { readonly kind: "heads"; readonly heads: readonly RoomHead[] }
  /** A right has changed in a room, or in all under the name `EVERYWHERE`. */
  | { readonly kind: "control"; readonly control: Control };

/** Applies a signal on this node; returns a promise if that takes time, which never rejects. */
export type Receive = (room: string, signal: Signal) => Promise<void> | void;

/**
 * Carries signals between the nodes of a chat, including this one. Delivery is at most once,
 * without order across publishers: it affects latency, never correctness. While the connection is
 * lost, this node still receives its own signals, and recovers the others' from the store.
 */
export interface Broker {
  /** Whether there may be other nodes. */
  readonly isShared: boolean;
  /** Sets the receiver; called once, before the first `subscribe`. */
  onSignal(receive: Receive): void;
  /**
   * Called after a lost connection is restored and signals may have been lost: read every room
   * again.
   */
  onLost(recover: () => void): void;
  /**
   * Resolves when every later `publish` on any node will be received; or, if the connection is
   * lost, within 1 s, and `onLost` follows. Idempotent. Never rejects.
   */
  subscribe(room: string): Promise<void>;
  unsubscribe(room: string): Promise<void>;
  /**
   * Delivers on this node before it returns, and sends to the others in order. Returns what this
   * node's receiver returned, so that a caller can wait until the signal is applied here; it does
   * not wait for the others, and never rejects. While the connection is lost, ephemeral signals are dropped, events are reduced to one
   * wake-up for each room, and controls are kept; they are sent once it is restored.
   */
  publish(room: string, signal: Signal): Promise<void> | void;
  close(): Promise<void>;
}
