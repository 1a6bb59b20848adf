import type { Broker, Receive } from "../model/wire/broker.ts";
import type { Observer } from "../model/base/observer.ts";
import { decodeParcel } from "../model/wire/signal.ts";
import type { Link, LinkEvents } from "./link.ts";
import { Outbox } from "./outbox.ts";

/** How long a room waits for a network that does not answer; the store is read meanwhile. */
const SUBSCRIBE_LIMIT_MS = 1_000;
const RETRY_MS = 500;

/** What all brokers over a network have in common. */
export function networkBroker(
  open: (events: LinkEvents) => Link,
  observer: Pick<Observer, "log">,
): Broker {
  const from = crypto.randomUUID();
  /** Rooms with people here, those subscribed to, and the change under way for each. */
  const wanted = new Set<string>();
  const listening = new Set<string>();
  const settling = new Map<string, Promise<void>>();
  let receive: Receive = () => undefined;
  let recover: () => void = () => undefined;
  let closed = false;
  let isCutOff = false;

  const link = open({
    receive(text) {
      const parcel = decodeParcel(text);
      if (!parcel || parcel.from === from || !wanted.has(parcel.room)) return;
      for (const signal of parcel.signals) void receive(parcel.room, signal);
    },
    lost: () => {
      reportReachable(true);
      recover();
    },
  });
  const outbox = new Outbox(link, from, observer);

  /** Logs once that other nodes cannot be reached, and once that they can be again. */
  const reportReachable = (ok: boolean) => {
    if (ok !== isCutOff || closed) return;
    isCutOff = !ok;
    if (ok) observer.log("info", "receiving from other nodes again");
    else observer.log("warn", "not receiving from other nodes; reading the database instead");
  };

  /** Subscribes or unsubscribes as wanted, one change of a room at a time. */
  const settle = (room: string): Promise<void> => {
    const running = settling.get(room);
    if (running) return running;
    const task = change(room);
    settling.set(room, task);
    return task;
  };
  const change = async (room: string): Promise<void> => {
    await Promise.resolve();
    while (!closed && wanted.has(room) !== listening.has(room)) {
      try {
        if (wanted.has(room)) {
          await link.listen(room);
          listening.add(room);
          if (isCutOff) {
            reportReachable(true);
            recover();
          }
        } else {
          listening.delete(room);
          await link.unlisten(room);
        }
      } catch {
        if (!wanted.has(room)) continue;
        setTimeout(() => retry(room), RETRY_MS).unref();
        break;
      }
    }
    // In the same step in which all was as wanted, so that no later call joins a finished task.
    settling.delete(room);
  };
  const retry = (room: string) => {
    if (closed || !wanted.has(room) || listening.has(room)) return;
    void settle(room);
  };

  return {
    isShared: true,
    onSignal(receiver) {
      receive = receiver;
    },
    onLost(recoverer) {
      recover = recoverer;
    },
    async subscribe(room) {
      wanted.add(room);
      if (listening.has(room) && !settling.has(room)) return;
      await inTime(settle(room));
      if (wanted.has(room)) reportReachable(listening.has(room));
    },
    async unsubscribe(room) {
      wanted.delete(room);
      await inTime(settle(room));
    },
    publish(room, signal) {
      if (closed) return;
      const applied = wanted.has(room) ? receive(room, signal) : undefined;
      outbox.add(room, signal);
      return applied;
    },
    async close() {
      await inTime(outbox.close());
      closed = true;
      wanted.clear();
      await link.close();
    },
  };
}

async function inTime(task: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SUBSCRIBE_LIMIT_MS);
  await Promise.race([task, promise]);
  clearTimeout(timer);
}
