import type { Files } from "../model/files/files.ts";
import type { Observer } from "../model/base/observer.ts";
import type { NameLeases } from "../model/people/name-leases.ts";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import type { Asked } from "../model/handlers/handler.ts";
import type { Broker } from "../model/wire/broker.ts";
import type { Limits } from "../model/wire/limits.ts";
import { type Control, EVERYWHERE } from "../model/wire/control.ts";
import { Accounts } from "./accounts/accounts.ts";
import { Decoder } from "./files/decoder.ts";
import { Uploads } from "./files/uploads.ts";
import { HandlerGate } from "./handlers/gate.ts";
import { HandlerHost } from "./handlers/host.ts";
import type { HandlerSettings } from "./handlers/settings.ts";
import type { HeadAudience } from "./inbox/feeds.ts";
import { Inbox, InboxIntake } from "./inbox/inbox.ts";
import type { RoomEvent } from "../model/wire/event.ts";
import type { Question } from "./handlers/protocol.ts";
import { createLimits, type RateLimits } from "./limits/limits.ts";
import { createLive, type Live } from "./live/live.ts";
import type { Audience } from "./live/hub.ts";
import { RENEW_MS } from "./live/name-registry.ts";
import { BEAT_MS } from "./live/presence.ts";
import { createMessages, type Messages } from "./messages/messages.ts";
import { RETENTION_MS } from "./messages/retention.ts";
import type { ConnectionDirectory } from "./moderation/finder.ts";
import { RoomWebhooks, SWEEP_MS } from "./webhooks/webhooks.ts";
import { Push, type PushSettings } from "./push/push.ts";
import { HandlerActions } from "./bots/actions.ts";
import { createModeration, type Moderation } from "./moderation/moderation.ts";
import { type RightsListener, RightsWatch, WATCH_MS } from "./moderation/watch.ts";

/** With the time for reading, a lost signal costs at most two seconds of latency. */
const RECOVER_MS = 1_500;

export interface ChatDeps {
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  readonly broker: Broker;
  /** Name leases, shared by the nodes of the chat or of this node alone. */
  readonly leases: NameLeases;
  /** Null: there are no handlers. */
  readonly handlers: HandlerSettings | null;
  /** Sends to this node's connections. */
  readonly audience: Audience & HeadAudience;
  /** Lists this node's connections. */
  readonly directory: ConnectionDirectory;
  readonly observer: Observer;
  readonly push: PushSettings;
  /** Called when deliveries may have been queued; the chat does not make them. */
  readonly queued: () => void;
  readonly limits: Limits;
  /** The command that prepares pictures, as `Decoder` runs it. */
  readonly pictures: readonly string[];
  /** The most bytes in all uploads together. */
  readonly uploadTotal: number;
  /** Whether rates are limited. */
  readonly isLimited: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  readonly newId: () => string;
}

export interface Chat {
  readonly messages: Messages;
  readonly live: Live;
  readonly limits: RateLimits;
  readonly moderation: Moderation & {
    /** Announces a change of rights to every node; resolves when it holds on this one. */
    readonly broadcast: (room: string, control: Control) => Promise<void>;
  };
  readonly accounts: Accounts;
  readonly files: Uploads;
  readonly inbox: Inbox;
  readonly push: Push;
  readonly webhooks: RoomWebhooks;
  /** Starts receiving from other nodes, and periodic work; call once. */
  start(rights: RightsListener): Promise<void>;
  /** Resolves when everything posted so far is settled. */
  drain(): Promise<void>;
  /** Stops periodic work, the handlers and the indexer. The store and the broker stay open. */
  stop(): Promise<void>;
}

/** The chat, on a store and a broker. It knows nothing of HTTP, sockets or pages. */
export function createChat(deps: ChatDeps): Chat {
  const { store, records, files, broker, directory, observer, now } = deps;
  const broadcast = async (room: string, control: Control) => {
    await broker.publish(room, { kind: "control", control });
  };
  const limits = createLimits(
    deps,
    (subjects) => void broadcast(EVERYWHERE, { action: "recheck", subjects }),
  );
  const live = createLive(deps, limits.slow);
  const { hub, board, names } = live;
  const present = (room: string) => board.people(room).people;
  const intake = new InboxIntake({ ...deps, inbox: records.inbox, present });
  const said = (room: string, events: readonly RoomEvent[]) => {
    intake.said(room, events);
    webhooks.said();
  };
  const perform = (asked: Asked) => actions.perform(asked);
  const answer = (question: Question) => actions.answer(question);
  const host = deps.handlers && new HandlerHost({ ...deps, ...deps.handlers, perform, answer });
  const handlers = new HandlerGate({ host, store, files, perform, now });
  const messages = createMessages({ ...deps, handlers }, hub, limits, said);
  const { post, publish, indexer, retention } = messages;
  const { floods, authAttempts } = limits;
  const people = (room: string) => board.people(room);
  const here = { directory, people, handlers };
  const moderation = createModeration({
    records,
    store,
    post,
    publish,
    broadcast,
    tellInboxes: intake.writer.tell,
    now,
    limits,
    ...here,
  });
  const { accessLookup } = moderation;
  const actions = new HandlerActions({
    ...{ values: records.handlerValues, directory, observer, now, newId: deps.newId },
    ...{ accessLookup, moderate: moderation.commands.moderate, rooms: moderation.rooms },
    postAuthorized: (draft) => post.postAuthorized(draft),
  });
  const inbox = new Inbox(intake, { ...deps, inbox: records.inbox, accessLookup, broadcast });
  const webhooks = new RoomWebhooks({ ...deps, post, accessLookup });
  const push = new Push({
    ...{ ...deps.push, subscriptions: records.push, inbox: records.inbox, store },
    ...{ accessLookup, now },
  });
  const accounts = new Accounts({ records, post, names, broadcast, authAttempts, now });
  const decoder = new Decoder({ command: deps.pictures, observer });
  const uploads = new Uploads({ files, observer, quota: limits.uploads, decoder, now });

  const timers: Timer[] = [];
  const every = (ms: number, work: () => unknown) => {
    timers.push(setInterval(() => void work(), ms));
  };
  return {
    messages,
    live,
    limits,
    moderation: { ...moderation, broadcast },
    accounts,
    files: uploads,
    inbox,
    push,
    webhooks,
    async start(enforcement) {
      const { feeds } = inbox;
      const rights: RightsListener = {
        async receive(room, control, isLate) {
          await enforcement.receive(room, control, isLate);
          feeds.receive(room, control);
        },
      };
      broker.onSignal((room, signal) => {
        if (signal.kind === "control") return rights.receive(room, signal.control);
        if (signal.kind === "inbox") feeds.changed(signal.people);
        else if (signal.kind === "heads") feeds.heads(signal.heads);
        else live.receive(room, signal);
        return undefined;
      });
      broker.onLost(() => {
        live.recover();
        void feeds.recover();
      });
      await broker.subscribe(EVERYWHERE);
      await names.renew();
      await host?.start();
      await floods.load((key) => store.setting(key));
      every(RETENTION_MS, () => retention.forget(now()));
      every(RETENTION_MS, () => uploads.sweep());
      every(RETENTION_MS, () => inbox.forget());
      every(SWEEP_MS, () => webhooks.sweep());
      if (broker.isShared) {
        const watch = new RightsWatch(records.audit, rights, observer);
        // From here on; people who enter later read the state as of now.
        await watch.poll();
        every(WATCH_MS, () => watch.poll());
        every(RECOVER_MS, () => hub.recover());
        every(RECOVER_MS, () => intake.mentions.nudge());
        every(BEAT_MS, () => board.beat());
        every(BEAT_MS, () => feeds.recover());
        every(RENEW_MS, () => names.renew());
      }
      indexer.nudge();
      intake.mentions.nudge();
      void uploads.sweep();
    },
    drain: () => post.drain(),
    async stop() {
      for (const timer of timers) clearInterval(timer);
      board.tick();
      await names.close();
      webhooks.close();
      await intake.close();
      await host?.close();
      decoder.close();
      await indexer.close();
    },
  };
}
