import type { Broker, Receive } from "../model/wire/broker.ts";

/**
 * A broker for one process: a signal is delivered before `publish` returns, never lost or repeated.
 */
export function memoryBroker(): Broker {
  const rooms = new Set<string>();
  let receive: Receive = () => undefined;
  return {
    isShared: false,
    onSignal(receiver) {
      receive = receiver;
    },
    onLost: () => undefined,
    async subscribe(room) {
      rooms.add(room);
    },
    async unsubscribe(room) {
      rooms.delete(room);
    },
    publish(room, signal) {
      return rooms.has(room) ? receive(room, signal) : undefined;
    },
    async close() {
      rooms.clear();
    },
  };
}
