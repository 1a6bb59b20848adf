import type { Signal } from "../model/wire/broker.ts";
import type { Control } from "../model/wire/control.ts";
import type { RoomEvent } from "../model/wire/event.ts";
import type { Observer } from "../model/base/observer.ts";
import { encodeParcel } from "../model/wire/signal.ts";
import type { Link, Payload } from "./link.ts";

/**
 * The most waiting signals of each kind in a room. Beyond it, events are replaced by a wake-up and
 * controls by one that checks everything again; others are dropped.
 */
const ROOM_LIMIT = 1_000;
const RETRY_MS = 250;

/** What waits to be sent about one room. */
interface Waiting {
  events: RoomEvent[];
  /** The highest `seq` to announce; 0: none. */
  wake: number;
  /** By their JSON, to avoid duplicates. */
  readonly controls: Map<string, Control>;
  others: Signal[];
}

/**
 * Sends one batch at a time; what is published meanwhile is the next batch, so that batches grow,
 * and the cost of a message falls, with the load. If sending fails, events are replaced by a
 * wake-up of their room, controls are kept, and both are retried. Memory is bounded by the number
 * of rooms, and of people kicked out of them.
 */
export class Outbox {
  #waiting = new Map<string, Waiting>();
  #sending: Promise<void> | null = null;
  #closed = false;
  #failing = false;

  constructor(
    readonly link: Link,
    readonly from: string,
    readonly observer: Pick<Observer, "log">,
  ) {}

  add(room: string, signal: Signal): void {
    if (this.#closed) return;
    const waiting = this.#waitingFor(room);
    if (signal.kind === "events") waiting.events.push(...signal.events);
    else if (signal.kind === "wake") waiting.wake = Math.max(waiting.wake, signal.seq);
    else if (signal.kind === "control") addControl(waiting, signal.control);
    else if (waiting.others.length < ROOM_LIMIT) waiting.others.push(signal);
    if (waiting.events.length > ROOM_LIMIT) collapse(waiting);
    this.#start();
  }

  /** Sends what waits, once; what fails now is lost. */
  async close(): Promise<void> {
    await this.#sending;
    this.#closed = true;
    await this.#send();
  }

  #waitingFor(room: string): Waiting {
    const known = this.#waiting.get(room);
    if (known) return known;
    const waiting: Waiting = { events: [], wake: 0, controls: new Map(), others: [] };
    this.#waiting.set(room, waiting);
    return waiting;
  }

  #start(): void {
    this.#sending ??= this.#run();
  }

  /** Ends in the same step in which it found nothing waiting, so nothing is left behind. */
  async #run(): Promise<void> {
    // One turn of the event loop, so that what a commit publishes is one batch.
    await Promise.resolve();
    while (this.#waiting.size > 0 && !this.#closed) {
      if (await this.#send()) continue;
      // Pauses, so that `close` does not wait for a network that is gone.
      setTimeout(() => {
        this.#sending = null;
        if (this.#waiting.size > 0) this.#start();
      }, RETRY_MS).unref();
      return;
    }
    this.#sending = null;
  }

  async #send(): Promise<boolean> {
    const batch = this.#waiting;
    this.#waiting = new Map();
    const payloads: Payload[] = [];
    for (const [room, waiting] of batch) payloads.push(...this.#pack(room, waiting));
    try {
      if (payloads.length > 0) await this.link.send(payloads);
      if (this.#failing) this.observer.log("info", "sending to other nodes again");
      this.#failing = false;
      return true;
    } catch (fault) {
      if (!this.#failing) {
        this.observer.log("warn", "cannot send to other nodes", { fault: String(fault) });
      }
      this.#failing = true;
      for (const [room, { events, wake, controls }] of batch) {
        const seq = Math.max(wake, events.at(-1)?.seq ?? 0);
        if (seq === 0 && controls.size === 0) continue;
        const later = this.#waitingFor(room);
        later.wake = Math.max(later.wake, seq);
        const newer = [...later.controls.values()];
        later.controls.clear();
        for (const control of [...controls.values(), ...newer]) addControl(later, control);
      }
      return false;
    }
  }

  /** The fewest payloads that hold everything; a wake-up instead of events that are too long. */
  #pack(room: string, { events, wake, controls, others }: Waiting): Payload[] {
    const signals: Signal[] = [];
    if (wake > 0) signals.push({ kind: "wake", seq: wake });
    for (const run of runs(events)) signals.push({ kind: "events", events: run });
    for (const control of controls.values()) signals.push({ kind: "control", control });
    signals.push(...others);
    return this.#fit(room, signals);
  }

  #fit(room: string, signals: readonly Signal[]): Payload[] {
    if (signals.length === 0) return [];
    const text = encodeParcel({ from: this.from, room, signals });
    if (Buffer.byteLength(text) <= this.link.payloadLimit) return [{ room, text }];
    const [only] = signals;
    if (signals.length > 1 || !only) {
      const middle = signals.length >> 1;
      return [
        ...this.#fit(room, signals.slice(0, middle)),
        ...this.#fit(room, signals.slice(middle)),
      ];
    }
    return halves(only).flatMap((half) => this.#fit(room, [half]));
  }
}

/** Controls whose effect cannot be recovered from the database. */
const ALWAYS_KEPT = new Set<Control["action"]>(["kick", "name"]);
const EVERYTHING: Control = { action: "everything" };
const EVERYTHING_KEY = JSON.stringify(EVERYTHING);

/** Adds a control. Too many are replaced by one with the effect of all. */
function addControl({ controls }: Waiting, control: Control): void {
  const isFull = controls.has(EVERYTHING_KEY) || controls.size >= ROOM_LIMIT;
  if (!isFull) {
    controls.set(JSON.stringify(control), control);
    return;
  }
  if (!controls.has(EVERYTHING_KEY)) {
    for (const [key, { action }] of controls) {
      if (!ALWAYS_KEPT.has(action)) controls.delete(key);
    }
    controls.set(EVERYTHING_KEY, EVERYTHING);
  }
  if (ALWAYS_KEPT.has(control.action)) controls.set(JSON.stringify(control), control);
}

function collapse(waiting: Waiting): void {
  waiting.wake = Math.max(waiting.wake, waiting.events.at(-1)?.seq ?? 0);
  waiting.events = [];
}

/** Splits events at gaps, where other nodes' events are. */
function runs(events: readonly RoomEvent[]): RoomEvent[][] {
  const found: RoomEvent[][] = [];
  for (const event of events) {
    const run = found.at(-1);
    if (run && run.at(-1)?.seq === event.seq - 1) run.push(event);
    else found.push([event]);
  }
  return found;
}

/** Splits a signal that is too long into shorter ones; empty if it cannot be split. */
function halves(signal: Signal): Signal[] {
  if (signal.kind === "events") {
    const { events } = signal;
    const middle = events.length >> 1;
    if (middle > 0) {
      return [events.slice(0, middle), events.slice(middle)].map((half) => ({
        kind: "events",
        events: half,
      }));
    }
    return [{ kind: "wake", seq: events[0]?.seq ?? 0 }];
  }
  if (signal.kind === "here" && signal.people.length > 1) {
    const middle = signal.people.length >> 1;
    return [
      { ...signal, people: signal.people.slice(0, middle) },
      { ...signal, people: signal.people.slice(middle) },
    ];
  }
  if (signal.kind === "control" && signal.control.action === "recheck") {
    const { subjects } = signal.control;
    const middle = subjects.length >> 1;
    if (middle === 0) return [{ kind: "control", control: EVERYTHING }];
    return [subjects.slice(0, middle), subjects.slice(middle)].map((half) => ({
      kind: "control",
      control: { action: "recheck", subjects: half },
    }));
  }
  if (signal.kind === "inbox" && signal.people.length > 1) {
    const middle = signal.people.length >> 1;
    const people = [signal.people.slice(0, middle), signal.people.slice(middle)];
    return people.map((half) => ({ kind: "inbox", people: half }));
  }
  if (signal.kind === "heads" && signal.heads.length > 1) {
    const middle = signal.heads.length >> 1;
    const heads = [signal.heads.slice(0, middle), signal.heads.slice(middle)];
    return heads.map((half) => ({ kind: "heads", heads: half }));
  }
  if (signal.kind === "gone" && signal.ids.length > 1) {
    const middle = signal.ids.length >> 1;
    return [
      { ...signal, ids: signal.ids.slice(0, middle) },
      { ...signal, ids: signal.ids.slice(middle) },
    ];
  }
  return [];
}
