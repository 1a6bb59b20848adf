import type { Author } from "../people/person.ts";
import type { Control } from "./control.ts";
import type { RoomEvent } from "./event.ts";
import type { RoomHead } from "./inbox.ts";
import type { PersonRead, PersonTyping } from "./frame.ts";

/** What passes between nodes about a room. */
export type Signal =
  /** Committed events of one room, in `seq` order. Lost ones are found again in the store. */
  | { readonly kind: "events"; readonly events: readonly RoomEvent[] }
  /** The room's log has grown to `seq`; read it. For what does not fit into one payload. */
  | { readonly kind: "wake"; readonly seq: number }
  /** Not kept anywhere: losing one costs nothing but itself. */
  | { readonly kind: "ephemeral"; readonly frame: PersonTyping | PersonRead }
  /** These people are in the room by this node, and are for as long as it keeps saying so. */
  | {
      readonly kind: "here";
      readonly node: string;
      /** Grows with each statement of the node: an older one about the same person is ignored. */
      readonly at: number;
      /**
       * Set where the statement names everyone the node has in the room: how many they are, in all
       * parts of the statement together. Whoever is not named has left.
       */
      readonly total?: number;
      readonly people: readonly Author[];
    }
  /** These people are no longer in the room by this node. */
  | {
      readonly kind: "gone";
      readonly node: string;
      readonly at: number;
      readonly ids: readonly string[];
    }
  /** This node has just opened the room: the others say who is in it. */
  | { readonly kind: "who"; readonly node: string }
  /** Names in the room have changed hands: nodes that hold some read them again. */
  | { readonly kind: "names" }
  /** The inboxes of these people are different now; read them. */
  | { readonly kind: "inbox"; readonly people: readonly string[] }
  /** These rooms have a message more. */
  | { readonly kind: "heads"; readonly heads: readonly RoomHead[] }
  /** A right has changed; about one room, or under the name `EVERYWHERE` about all. */
  | { readonly kind: "control"; readonly control: Control };

/**
 * Carries signals between the nodes of one chat, this node included. At most once, in no promised
 * order across publishers: it is a matter of latency, never of truth. While the connection is lost,
 * this node still hears itself, and whoever needs the truth reads the store.
 */
export interface Broker {
  /** Whether there can be other nodes. */
  readonly isShared: boolean;
  /** Who receives; set once, before the first `subscribe`. */
  onSignal(receive: (room: string, signal: Signal) => void): void;
  /** Called when signals may have been lost, after the connection is back: read every room again. */
  onLost(recover: () => void): void;
  /**
   * Resolves when every later `publish` on any node will be received, or, where the connection is
   * lost, within 1 s; `onLost` follows then. Subscribing twice is once. Never rejects.
   */
  subscribe(room: string): Promise<void>;
  unsubscribe(room: string): Promise<void>;
  /**
   * Received on this node before it returns; sent to the others as soon as what was published
   * before is sent. Never rejects, never waits. While the connection is lost what is passing is
   * dropped, events shrink to one wake-up a room, and controls stay; they are sent when it is back.
   */
  publish(room: string, signal: Signal): void;
  close(): Promise<void>;
}
