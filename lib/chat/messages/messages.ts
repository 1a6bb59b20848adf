import type { Observer } from "../../model/base/observer.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Broker } from "../../model/wire/broker.ts";
import type { RateLimits } from "../limits/limits.ts";
import type { Hub } from "../live/hub.ts";
import type { HandlerGate } from "../handlers/gate.ts";
import { Committer } from "./commit.ts";
import { Indexer } from "./indexer.ts";
import { Post } from "./post.ts";
import { Retention } from "./retention.ts";
import { Search } from "./search.ts";

/** Posting, publishing, searching and expiring messages. */
export interface Messages {
  readonly post: Post;
  /** Delivers new events of a room on every node. */
  readonly publish: (room: string, events: readonly RoomEvent[]) => void;
  readonly indexer: Indexer;
  readonly retention: Retention;
  readonly search: Search;
  readonly handlers: HandlerGate;
}

export interface MessageDeps {
  readonly store: Store;
  readonly records: Records;
  readonly broker: Broker;
  readonly handlers: HandlerGate;
  readonly observer: Observer;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
}

type MessageLimits = Pick<RateLimits, "floods" | "slow" | "searches" | "searchTurns">;

export function createMessages(
  { store, records, broker, handlers, observer, elapsed }: MessageDeps,
  hub: Pick<Hub, "catchUp">,
  { floods, slow, searches, searchTurns }: MessageLimits,
  /** Called with what this node has stored of a room, in order. */
  said: (room: string, events: readonly RoomEvent[]) => void,
): Messages {
  const indexer = new Indexer(store, observer, elapsed);
  const publish: Messages["publish"] = (room, events) => {
    broker.publish(room, { kind: "events", events });
    indexer.nudge();
    said(room, events);
  };
  const catchUp = (room: string, seq: number) => hub.catchUp(room, seq);
  const committer = new Committer(store, publish, observer, elapsed, catchUp);
  const post = new Post(committer, floods, observer, handlers, slow);
  const retention = new Retention(records, post, observer);
  const search = new Search(store, searches, searchTurns);
  return { post, publish, indexer, retention, search, handlers };
}
