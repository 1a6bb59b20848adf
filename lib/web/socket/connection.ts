import type { Server, ServerWebSocket } from "bun";
import type { Sender } from "../../chat/messages/commit.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { ServerFrame } from "../../model/wire/frame.ts";
import { BACKPRESSURE_LIMIT } from "../../model/wire/limits.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import type { Appended, Draft } from "../../model/store.ts";
import { type FrameMeter, newMeter } from "./frame-limits.ts";
import { outsider, type Ticket } from "./ticket.ts";
import { translate } from "../http/translate.ts";
import { grouped } from "./group.ts";
import { plainFrame } from "./plain.ts";

export type Socket = ServerWebSocket<Connection>;

/** Frames kept while a socket is still joining; one that sends more is not waited for. */
const EARLY_LIMIT = 64;
/** Bytes on their way to a reader who is still reading the start: live frames would be too much. */
const BEHIND = BACKPRESSURE_LIMIT / 16;

/** One socket: whose it is, in which room, and how frames are put for it. */
export class Connection implements Sender {
  #socket: Socket | null = null;
  /** Frames that came before the start was sent; null after it. */
  #early: (string | Buffer)[] | null = [];
  /** What a joiner has not been sent yet; null when it is live. */
  #outbox: string[] | null = [];
  #owed = 0;
  #onLive: (() => void) | null = null;
  #onReady: (() => void) | null = null;
  #typedAt = 0;
  #isClosing = false;
  readonly meter: FrameMeter = newMeter();
  /** What brings it the room's events by `deliver`, until it is live or closed. */
  #following: Disposable | null = null;
  /** How far it has come in: counted by the hub, then seen by the others. */
  stage: "outside" | "entered" | "here" = "outside";

  /** Whose it is, as others see it. */
  author: Author;
  /** What they may do here, as it was last read; nothing until then. */
  access: Access;
  /** The access their client was last told of; null before its start was sent. */
  welcomed: Access | null = null;
  /** Milliseconds since 1970; 0 before it is open. */
  openedAt = 0;
  /** Something has changed since `access` was read. */
  stale = true;
  /** Resolves when `access` is up to date. */
  rechecking: Promise<void> | null = null;

  constructor(
    readonly ticket: Ticket,
    readonly server: Pick<Server<Connection>, "publish" | "subscriberCount">,
    readonly now: () => number,
  ) {
    this.author = authorOf(ticket.person, ticket.name);
    this.access = outsider(ticket);
  }

  /** Whether it hears what is published to its room; until then `deliver` brings it. */
  get isLive(): boolean {
    return this.#outbox === null;
  }

  get isOpen(): boolean {
    return this.#socket !== null && !this.#isClosing;
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
    this.#unfollow();
    this.#socket = null;
    this.#early = null;
    this.#outbox = null;
    this.#onLive = null;
    this.#onReady?.();
    this.#onReady = null;
  }

  /** Whether the frame was kept for later; the others may be taken in now. */
  keepEarly(data: string | Buffer): boolean {
    if (!this.#early) return false;
    if (this.#early.length < EARLY_LIMIT) this.#early.push(data);
    else this.refuse(new Refusal("beforeWelcome"));
    return true;
  }

  /** Sends the start at the pace of its reader. Returns the frames that came before it. */
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

  /** Resolves when its reader has come near the end of what was sent, or it is closed. */
  async ready(): Promise<void> {
    if (!this.isOpen || this.#outbox?.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onReady = resolve;
    await promise;
  }

  /** Calls `live` when everything so far was sent; until then its events are brought by `deliver`. */
  caughtUp(live: () => void): void {
    this.#onLive = live;
    this.drained();
  }

  /** Ends with the connection, at the latest; at once where it is closed already. */
  follow(subscription: Disposable): void {
    this.#following = subscription;
    if (!this.isOpen) this.#unfollow();
  }

  #unfollow(): void {
    this.#following?.[Symbol.dispose]();
    this.#following = null;
  }

  /** Events for a joiner who is not live yet. */
  deliver(events: readonly RoomEvent[]): void {
    if (!this.ticket.json) for (const event of events) this.send(event);
    else for (const group of grouped(events)) this.sendText(group);
  }

  /** To be called when the reader has caught up some way. */
  drained(): void {
    const socket = this.#socket;
    if (!socket || this.#early) return;
    while (this.#outbox && socket.getBufferedAmount() < BEHIND) {
      const next = this.#outbox.shift();
      if (next !== undefined) {
        this.#owed -= next.length;
        socket.send(next);
        continue;
      }
      this.#onReady?.();
      this.#onReady = null;
      if (!this.#onLive) return;
      const live = this.#onLive;
      this.#outbox = null;
      this.#onLive = null;
      this.#unfollow();
      live();
    }
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

  refuse(
    refusal: Refusal,
    about: { ref?: string | undefined; id?: string | undefined } = {},
  ): void {
    const { code, retryAfterMs } = refusal;
    const message = translate(refusal, this.ticket.language);
    if (!this.ticket.json) {
      this.sendText(`! ${code}: ${message}`);
      return;
    }
    // What is undefined is left out of JSON.
    this.sendText(JSON.stringify({ type: "error", code, message, ...about, retryAfterMs }));
  }

  settled(draft: Draft, result: Appended | Refusal, ref: string | undefined): void {
    if (result instanceof Refusal) {
      this.refuse(result, { ref, id: draft.type === "message" ? draft.id : undefined });
    } else if (result.again && this.ticket.json) {
      // Its own frame for the sender alone; everyone else had it the first time.
      this.sendText(JSON.stringify(ref === undefined ? result.event : { ...result.event, ref }));
    }
  }

  notice(
    author: Author,
    text: string,
    about: { ref?: string | undefined; id?: string | undefined } = {},
  ): void {
    const ref = about.ref === undefined ? {} : { ref: about.ref };
    const id = about.id === undefined ? {} : { id: about.id };
    this.send({ type: "notice", author, text, at: this.now(), ...id, ...ref });
  }

  /** At most one a second of one socket: more would tell nobody more. */
  mayType(): boolean {
    const now = this.now();
    if (now - this.#typedAt < 1_000) return false;
    this.#typedAt = now;
    return true;
  }

  close(code: number, reason: string): void {
    this.#isClosing = true;
    if (this.#early) for (const refusal of this.#outbox ?? []) this.#socket?.send(refusal);
    this.#socket?.close(code, reason);
  }

  /** A joiner may leave as much unread as anyone else (promise 5). */
  sendText(data: string): void {
    if (!this.#outbox) {
      this.#socket?.send(data);
      return;
    }
    this.#outbox.push(data);
    this.#owed += data.length;
    if (this.#owed > BACKPRESSURE_LIMIT) this.#socket?.terminate();
    else this.drained();
  }
}
