import type { Server, ServerWebSocket } from "bun";
import type { Sender } from "../../chat/messages/commit.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { ServerFrame } from "../../model/wire/frame.ts";
import { BACKPRESSURE_LIMIT, BEHIND_BYTES } from "../../model/wire/limits.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import type { UnreadReader } from "../../chat/limits/unread.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import type { Appended, Draft } from "../../model/store.ts";
import { type FrameMeter, newMeter } from "./frame-limits.ts";
import { outsider, type Ticket } from "./ticket.ts";
import { translate } from "../http/translate.ts";
import { grouped, plainFrame } from "./encode.ts";

export type Socket = ServerWebSocket<Connection>;

/** The most frames kept for a socket that is still joining. */
const EARLY_LIMIT = 64;

/** The frame or message that an answer is about. */
type About = { readonly ref?: string | undefined; readonly id?: string | undefined };

/** A socket, its room and author, and the frames on their way to it. */
export class Connection implements Sender, UnreadReader {
  #socket: Socket | null = null;
  /** Frames received before the start was sent; null after it. */
  #early: (string | Buffer)[] | null = [];
  /** Frames for a joiner that are not sent yet; null once it is live. */
  #outbox: string[] | null = [];
  #owed = 0;
  #onLive: (() => void) | null = null;
  /** Repeated messages for a joiner: they wait for the events before them. */
  readonly #repeats: string[] = [];
  #onReady: (() => void) | null = null;
  #isClosing = false;
  readonly meter: FrameMeter = newMeter();
  /** Delivers the room's events until it is live or closed. */
  #following: Disposable | null = null;
  /** The progress of joining: counted by the hub, then visible to others. */
  stage: "outside" | "entered" | "here" = "outside";

  /** The person, as others see them. */
  author: Author;
  /** What they may do here, as last read. */
  access: Access;
  /** The access that the client was last told of; null before the start. */
  welcomed: Access | null = null;
  /** Milliseconds since 1970; 0 before it is open. */
  openedAt = 0;
  /** Whether something has changed since `access` was read. */
  stale = true;
  /** Resolves when `access` is up to date. */
  rechecking: Promise<void> | null = null;

  constructor(
    readonly ticket: Ticket,
    readonly server: Pick<Server<Connection>, "publish" | "subscriberCount">,
    readonly now: () => number,
    /** Counts bytes that were sent. */
    readonly sent: (bytes: number) => void,
  ) {
    this.author = authorOf(ticket.person, ticket.name);
    this.access = outsider(ticket);
  }

  /** Whether it receives what is published to its room; until then events come by `deliver`. */
  get isLive(): boolean {
    return this.#outbox === null;
  }

  get isOpen(): boolean {
    return this.#socket !== null && !this.#isClosing;
  }

  /** Bytes that wait for it: beyond a limit for all, the slowest readers are cut off. */
  get unread(): number {
    return this.#owed + (this.#socket?.getBufferedAmount() ?? 0);
  }

  /** Ends it without a word, since it would not read one. */
  cutOff(): void {
    this.#isClosing = true;
    this.#socket?.terminate();
  }

  get room(): string {
    return this.ticket.room;
  }
  get person(): string {
    return this.ticket.person;
  }
  get network(): string {
    return this.ticket.network;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    this.openedAt = this.now();
  }

  closed(): void {
    this.#following?.[Symbol.dispose]();
    this.#socket = null;
    this.#early = null;
    this.#outbox = null;
    this.#onLive = null;
    this.#onReady?.();
    this.#onReady = null;
  }

  /** Keeps an early frame for later; false if frames may be read now. */
  keepEarly(data: string | Buffer): boolean {
    if (!this.#early) return false;
    if (this.#early.length < EARLY_LIMIT) this.#early.push(data);
    else this.refuse(new Refusal("beforeWelcome"));
    return true;
  }

  /** Sends the start at the pace of its reader. Returns the frames received before it. */
  begin(frames: readonly ServerFrame[]): readonly (string | Buffer)[] {
    const early = this.#early ?? [];
    this.#early = null;
    const refusals = this.#outbox ?? [];
    const start = this.ticket.json
      ? grouped(frames)
      : frames.flatMap((frame) => plainFrame(frame, this.ticket.base) ?? []);
    this.#outbox = [...start, ...refusals];
    this.#owed = this.#outbox.reduce((sum, data) => sum + data.length, 0);
    this.drained();
    return early;
  }

  /** Resolves when the reader is near the end of what was sent, or the socket is closed. */
  async ready(): Promise<void> {
    if (!this.isOpen || this.#outbox?.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onReady = resolve;
    await promise;
  }

  /** Calls `live` once everything is sent; until then events come by `deliver`. */
  caughtUp(live: () => void): void {
    this.#onLive = live;
    this.drained();
  }

  /** Disposes of the subscription with the connection, at the latest; at once if it is closed. */
  follow(subscription: Disposable): void {
    this.#following = subscription;
    if (!this.isOpen) subscription[Symbol.dispose]();
  }

  /** Sends events to a joiner that is not live yet. */
  deliver(events: readonly RoomEvent[]): void {
    if (!this.ticket.json) for (const event of events) this.send(event);
    else for (const group of grouped(events)) this.sendText(group);
  }

  /** Call when the reader has read some of what waits. */
  drained(): void {
    const socket = this.#socket;
    if (!socket || this.#early) return;
    while (this.#outbox && socket.getBufferedAmount() < BEHIND_BYTES) {
      const next = this.#outbox.shift();
      if (next !== undefined) {
        this.#owed -= next.length;
        this.#pass(next);
        continue;
      }
      this.#onReady?.();
      this.#onReady = null;
      if (!this.#onLive) return;
      const live = this.#onLive;
      this.#outbox = null;
      this.#onLive = null;
      this.#following?.[Symbol.dispose]();
      live();
      for (const data of this.#repeats.splice(0)) this.#pass(data);
      this.#owed = 0;
    }
  }

  #pass(data: string): void {
    this.#socket?.send(data);
    this.sent(data.length);
  }

  subscribe(topic: string): void {
    this.#socket?.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    this.#socket?.unsubscribe(topic);
  }

  send(frame: ServerFrame): void {
    const { json, base } = this.ticket;
    const data = json ? JSON.stringify(frame) : plainFrame(frame, base);
    if (data !== null) this.sendText(data);
  }

  refuse(refusal: Refusal, about: About = {}): void {
    const { code, retryAfterMs } = refusal;
    const message = translate(refusal, this.ticket.language);
    if (!this.ticket.json) {
      this.sendText(`! ${code}: ${message}`);
      return;
    }
    // JSON omits undefined fields.
    this.sendText(JSON.stringify({ type: "error", code, message, ...about, retryAfterMs }));
  }

  settled(draft: Draft, result: Appended | Refusal, ref: string | undefined): void {
    if (result instanceof Refusal) {
      this.refuse(result, { ref, id: draft.type === "message" ? draft.id : undefined });
    } else if (result.again && this.ticket.json) {
      // Only the sender needs the repeated frame; the others received it the first time.
      const data = JSON.stringify(ref === undefined ? result.event : { ...result.event, ref });
      if (this.#outbox) this.#hold(this.#repeats, data);
      else this.sendText(data);
    }
  }

  notice(author: Author, text: string, about: About = {}): void {
    const ref = about.ref === undefined ? {} : { ref: about.ref };
    const id = about.id === undefined ? {} : { id: about.id };
    this.send({ type: "notice", author, text, at: this.now(), ...id, ...ref });
  }

  close(code: number, reason: string): void {
    this.#isClosing = true;
    if (this.#early) for (const refusal of this.#outbox ?? []) this.#socket?.send(refusal);
    this.#socket?.close(code, reason);
  }

  /** Joiners have the same limit of unread bytes as everyone else (promise 5). */
  sendText(data: string): void {
    if (!this.#outbox) this.#pass(data);
    else if (this.#hold(this.#outbox, data)) this.drained();
  }

  #hold(queue: string[], data: string): boolean {
    queue.push(data);
    this.#owed += data.length;
    if (this.#owed > BACKPRESSURE_LIMIT) this.cutOff();
    return this.#owed <= BACKPRESSURE_LIMIT;
  }
}
