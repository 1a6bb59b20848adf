import type { Observer } from "../model/base/observer.ts";
import type { Files } from "../model/files/files.ts";
import type { NamedHandler } from "../model/handler.ts";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import type { Broker, Signal } from "../model/wire/broker.ts";
import { type Control, EVERYWHERE } from "../model/wire/control.ts";
import type { Limits } from "../model/wire/limits.ts";
import { Accounts } from "./accounts/accounts.ts";
import { Uploads } from "./files/uploads.ts";
import { Floods } from "./limits/floods.ts";
import { Rates } from "./limits/rates.ts";
import { UploadQuota } from "./limits/upload-quota.ts";
import { SlowMode } from "./limits/slow.ts";
import { type Audience, Hub } from "./live/hub.ts";
import { NameRegistry } from "./live/name-registry.ts";
import { BEAT_MS, PresenceBoard } from "./live/presence.ts";
import { Committer } from "./messages/commit.ts";
import { Indexer } from "./messages/indexer.ts";
import type { Plugins } from "./messages/plugins.ts";
import { Post } from "./messages/post.ts";
import { Retention, RETENTION_MS } from "./messages/retention.ts";
import type { ConnectionDirectory } from "./moderation/finder.ts";
import { openOrder, type Order } from "./moderation/order.ts";
import { type RightsListener, RightsWatch, WATCH_MS } from "./moderation/watch.ts";

/** Presence goes out at most this often in a room. */
const PRESENCE_TICK_MS = 100;
/** Time for the other nodes to say what they know of a contested name before it is judged. */
const CONTEST_MS = 250;
/** A signal that was lost between nodes costs no more latency than this. */
const RECOVER_MS = 2_000;
/** Pages of the log one person may read at once, and then each second. */
const READS = { burst: 50, perSecond: 20 };
/** Passwords that may be tried from one network, or for one name. */
const AUTH_ATTEMPTS = { burst: 10, perSecond: 0.2 };

export interface ChatDeps {
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  readonly broker: Broker;
  readonly plugins: Plugins | null;
  /** Sends to this node's connections. */
  readonly audience: Audience;
  /** Lists this node's connections. */
  readonly directory: ConnectionDirectory;
  readonly observer: Observer;
  readonly limits: Limits;
  /** Bytes of all uploads together. */
  readonly uploadTotal: number;
  /** Whether rates are limited at all. */
  readonly isLimited: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that never go back. */
  readonly elapsed: () => number;
  readonly newId: () => string;
}

export interface Chat {
  readonly messages: {
    readonly post: Post;
    /** The handlers as they now are. */
    readonly handlers: () => readonly NamedHandler[];
  };
  readonly live: {
    readonly hub: Hub;
    readonly board: PresenceBoard;
    readonly names: NameRegistry;
  };
  readonly limits: {
    readonly floods: Floods;
    /** Pages of the log, by person. */
    readonly reads: Rates;
    /** Passwords that are tried, by network and by name. */
    readonly authAttempts: Rates;
  };
  readonly moderation: Order & {
    /** Tells every node, this one included, that rights have changed. */
    readonly broadcast: (room: string, control: Control) => void;
  };
  readonly accounts: Accounts;
  readonly files: Uploads;
  /** Receives from the other nodes and does what is due from time to time; to be called once. */
  start(rights: RightsListener): Promise<void>;
  /** Resolves when everything posted so far is settled. */
  drain(): Promise<void>;
  /** Ends what `start` began, the plugins and the indexer. The store and the broker stay open. */
  stop(): Promise<void>;
}

/** The chat over its store and its broker. It knows nothing of HTTP, sockets or pages. */
export function createChat(deps: ChatDeps): Chat {
  const { store, records, files, broker, plugins, directory, observer, limits, isLimited } = deps;
  const { uploadTotal, now, elapsed, newId } = deps;
  const broadcast = (room: string, control: Control) =>
    broker.publish(room, { kind: "control", control });
  const handlers = () => plugins?.list() ?? [];

  const slow = new SlowMode();
  const audience = broker.isShared ? slowing(deps.audience, slow, now) : deps.audience;
  const hub = new Hub(store, broker, audience, observer);
  const names = new NameRegistry({ schedule: (look) => setTimeout(look, CONTEST_MS), now });
  const board = new PresenceBoard({
    names,
    audience: deps.audience,
    schedule: (tick) => setTimeout(tick, PRESENCE_TICK_MS),
    tell: broker.isShared ? (room, signal) => broker.publish(room, signal) : null,
    node: newId(),
    now,
  });

  const indexer = new Indexer(store, observer, elapsed);
  const committer = new Committer(
    store,
    (room, events) => {
      broker.publish(room, { kind: "events", events });
      indexer.nudge();
    },
    observer,
    elapsed,
    (room, seq) => hub.catchUp(room, seq),
  );
  const floods = new Floods(records, observer, now, isLimited, (subjects) =>
    broadcast(EVERYWHERE, { action: "recheck", subjects }),
  );
  const post = new Post(committer, floods, observer, handlers, newId, slow);
  const reads = new Rates(isLimited ? READS : null, now);
  const retention = new Retention(records, post, observer);

  const people = (room: string) => board.people(room);
  const order = openOrder({
    ...{ records, store, post, broadcast, now, directory, names, people },
  });
  const authAttempts = new Rates(isLimited ? AUTH_ATTEMPTS : null, now);
  const accounts = new Accounts({ records, post, broadcast, authAttempts, now });
  const quota = new UploadQuota({ largest: limits.upload, total: uploadTotal, isLimited, now });
  const uploads = new Uploads({ files, observer, quota, now });
  const timers: Timer[] = [];

  return {
    messages: { post, handlers },
    live: { hub, board, names },
    limits: { floods, reads, authAttempts },
    moderation: { ...order, broadcast },
    accounts,
    files: uploads,
    async start(rights) {
      const receive = (room: string, signal: Signal) => {
        switch (signal.kind) {
          case "control":
            return rights.receive(room, signal.control);
          case "here":
          case "gone":
          case "who":
            return board.receive(room, signal);
          default:
            return hub.receive(room, signal);
        }
      };
      broker.onSignal(receive);
      broker.onLost(() => {
        rights.recheckIn("");
        board.refresh();
        void hub.recover();
      });
      await broker.subscribe(EVERYWHERE);
      await floods.load((key) => store.setting(key));
      timers.push(
        setInterval(() => void retention.forget(now()), RETENTION_MS),
        setInterval(() => void uploads.sweep(), RETENTION_MS),
      );
      if (broker.isShared) {
        const watch = new RightsWatch(records.audit, rights, observer);
        timers.push(
          setInterval(() => void watch.poll(), WATCH_MS),
          setInterval(() => void hub.recover(), RECOVER_MS),
          setInterval(() => board.beat(), BEAT_MS),
        );
      }
      indexer.nudge();
      void uploads.sweep();
    },
    drain: () => post.drain(),
    async stop() {
      for (const timer of timers) clearInterval(timer);
      board.tick();
      plugins?.close();
      await indexer.close();
    },
  };
}

/** Also counts, for this node's slow mode, what people write by other nodes. */
function slowing(audience: Audience, slow: SlowMode, now: () => number): Audience {
  return {
    deliver(room, events) {
      slow.observe(room, events, now());
      audience.deliver(room, events);
    },
    push: (room, frame) => audience.push(room, frame),
  };
}
