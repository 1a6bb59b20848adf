import type { Observer } from "../../model/base/observer.ts";
import type { NameLeases } from "../../model/people/name-leases.ts";
import type { Store } from "../../model/store.ts";
import type { Broker, Signal } from "../../model/wire/broker.ts";
import type { PersonRead, PersonTyping } from "../../model/wire/frame.ts";
import { PEOPLE_LIMIT } from "../../model/wire/limits.ts";
import type { SlowMode } from "../limits/slow.ts";
import { type Audience, Hub } from "./hub.ts";
import { NameRegistry } from "./name-registry.ts";
import { PresenceBoard } from "./presence.ts";

/** The least interval between two presence frames of a room. */
const PRESENCE_TICK_MS = 100;

/** The present state of rooms, on all nodes. */
export interface Live {
  readonly hub: Hub;
  readonly board: PresenceBoard;
  readonly names: NameRegistry;
  /** Publishes a typing or read signal; dropped in rooms with more than `PEOPLE_LIMIT` people. */
  announce(room: string, frame: PersonTyping | PersonRead): void;
  /** Receives the broker's signals about a room. */
  receive(room: string, signal: RoomSignal): void;
  /** Recovers what the broker may have lost. */
  recover(): void;
}

/** Signals about a room, without rights. */
export type RoomSignal = Exclude<Signal, { kind: "control" | "inbox" | "heads" }>;

export interface LiveDeps {
  readonly store: Store;
  readonly broker: Broker;
  readonly leases: NameLeases;
  readonly audience: Audience;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** `slow` also counts messages through other nodes. */
export function createLive(
  { store, broker, leases, audience, observer, now, newId }: LiveDeps,
  slow: SlowMode,
): Live {
  const counted: Audience = {
    deliver(room, events) {
      slow.observe(room, events, now());
      audience.deliver(room, events);
    },
    push: (room, frame) => audience.push(room, frame),
  };
  const hub = new Hub(store, broker, broker.isShared ? counted : audience, observer);
  const tell = (room: string) => broker.publish(room, { kind: "names" });
  const names = new NameRegistry({ leases, broadcast: tell, observer });
  const board = new PresenceBoard({
    audience,
    schedule: (tick) => setTimeout(tick, PRESENCE_TICK_MS),
    broadcast: broker.isShared ? (room, signal) => broker.publish(room, signal) : null,
    node: newId(),
    now,
  });
  return {
    hub,
    board,
    names,
    announce(room, frame) {
      if (board.countIn(room) > PEOPLE_LIMIT) return;
      broker.publish(room, { kind: "ephemeral", frame });
    },
    receive(room, signal) {
      switch (signal.kind) {
        case "here":
        case "gone":
        case "who":
          board.receive(room, signal);
          return;
        case "names":
          void names.renew();
          return;
        default:
          hub.receive(room, signal);
      }
    },
    recover() {
      board.refresh();
      void names.renew();
      void hub.recover();
    },
  };
}
