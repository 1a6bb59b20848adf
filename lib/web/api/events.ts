import { type Cursor, type Joiner, type Start, start } from "../../chat/live/join.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Welcome } from "../../model/wire/frame.ts";
import type { UnreadReader } from "../../chat/limits/unread.ts";
import { BACKPRESSURE_LIMIT, BEHIND_BYTES, WELCOME_MESSAGES } from "../../model/wire/limits.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { text } from "../openapi/schema.ts";
import { ROOM, STREAM_EVENT } from "../openapi/wire.ts";
import type { ApiDeps, Caller } from "./caller.ts";
import { operation } from "./operation.ts";
import { type Context, IDLE_SECONDS } from "../http/context.ts";
import type { Stream } from "../socket/access.ts";

/** The interval of comments that keep proxies from closing the stream. */
const HEARTBEAT_MS = 25_000;

/**
 * Server-sent events (HTML, section 9.2). The first is `welcome`; each later one has the id
 * `epoch:seq`, from which a client resumes (promise 4). A reader with more than 1 MiB waiting is
 * disconnected, and resumes.
 */
export const EVENTS = [
  operation({
    ...{ id: "followRoom", method: "GET", path: "/v1/rooms/:room/events", tag: "Messages" },
    scope: "read",
    summary: "Stream a room's events",
    about: "A client that comes back with `Last-Event-ID` has missed nothing, or is told so.",
    params: { room: ROOM },
    headers: { "last-event-id": text("`epoch:seq` of the last event that was read.") },
    answers: {
      200: { about: "Server-sent events.", schema: STREAM_EVENT, type: "text/event-stream" },
    },
    route: { limit: "stream", lasts: true },
    handle: ({ context, caller, params }, deps) => openStream(context, caller, params.room, deps),
  }),
];

async function openStream(
  context: Context,
  caller: Caller,
  room: string,
  deps: ApiDeps,
): Promise<Response | Refusal> {
  const { reads } = deps.chat.limits;
  const slow = reads.consumeStart(caller.network);
  if (slow) return slow;
  const refuse = async () =>
    authorize(await deps.chat.moderation.accessLookup.of(caller, room), "enter", deps.now());
  const refusal = await refuse();
  if (refusal) return refusal;
  const { person, network } = caller;
  if (!deps.sockets.quota.admit(network)) return new Refusal("streamLimit");
  context.setTimeout(0);
  const release = () => {
    deps.sockets.quota.release(network);
    context.setTimeout(IDLE_SECONDS);
  };
  const body = follow(room, cursorOf(context.request), {
    ...deps,
    person: person.id,
    network,
    refuse,
    release,
  });
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    // nginx would otherwise hold events back until its buffer is full.
    "x-accel-buffering": "no",
  };
  return new Response(body, { headers });
}

/** A `welcome` for readers: that of a socket, without the people. */
type Begin = Pick<Welcome, "type" | "room" | "epoch" | "seq" | "recovered" | "messages">;

function cursorOf(request: Request): Cursor | null {
  const [, epoch, after] =
    /^([\w-]{1,64}):(\d{1,15})$/.exec(request.headers.get("last-event-id") ?? "") ?? [];
  return epoch === undefined ? null : { epoch, after: Number(after) };
}

function follow(
  room: string,
  cursor: Cursor | null,
  deps: FollowerDeps,
): ReadableStream<Uint8Array> {
  const follower = new Follower(room, deps);
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => void follower.open(cursor, controller),
      pull: () => follower.pulled(),
      cancel: () => follower.end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BACKPRESSURE_LIMIT }),
  );
}

interface FollowerDeps extends ApiDeps {
  /** Why the reader may not be in the room at present, or null. */
  readonly refuse: () => Promise<Refusal | null>;
  readonly release: () => void;
  /** The id of the reader. */
  readonly person: string;
  readonly network: string;
}

/** A stream, in the room from `open` to `end`, whichever side ends it. */
class Follower implements Joiner, Stream, UnreadReader {
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #heartbeat: ReturnType<typeof setInterval> | null = null;
  #following: Disposable | null = null;
  #onReady: (() => void) | null = null;
  #entered = false;
  #cursor: Cursor | null = null;

  constructor(
    readonly room: string,
    readonly deps: FollowerDeps,
  ) {}

  get person(): string {
    return this.deps.person;
  }

  get network(): string {
    return this.deps.network;
  }

  get isOpen(): boolean {
    return this.#controller !== null;
  }

  /** The stream fails if the store does. Never rejects. */
  async open(
    cursor: Cursor | null,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    const { chat, store, sockets } = this.deps;
    const { hub } = chat.live;
    this.#cursor = cursor;
    this.#controller = controller;
    this.#heartbeat = setInterval(() => this.#send(":\n\n"), HEARTBEAT_MS);
    sockets.streams.add(this);
    sockets.deps.directory.unread.add(this);
    try {
      await hub.enter(this.room);
      this.#entered = true;
      if (!this.#controller) return hub.leave(this.room);
      // Checked again, since changes of rights are received from now on.
      if (await this.deps.refuse()) return this.close();
      const { reads } = chat.limits;
      const how = await start(this.room, cursor, WELCOME_MESSAGES, { store, hub, reads }, this);
      if (how === "behind") this.close();
    } catch (fault) {
      this.end();
      controller.error(fault);
    }
  }

  follow(subscription: Disposable): void {
    this.#following = subscription;
  }

  begin({ seq, events, messages }: Start): void {
    const { room } = this;
    const { epoch } = this.deps.store;
    const how = events ? { recovered: true } : { recovered: false, messages };
    const at = events && this.#cursor ? this.#cursor.after : seq;
    this.#send(record(epoch, at, { type: "welcome", room, epoch, seq, ...how }));
    this.deliver(events ?? []);
  }

  async ready(): Promise<void> {
    if (this.#hasRoom) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onReady = resolve;
    await promise;
  }

  /** Call when the reader has read some of what waits. */
  pulled(): void {
    if (!this.#hasRoom) return;
    this.#onReady?.();
    this.#onReady = null;
  }

  /** Whether another piece may be sent; true once it has ended. */
  get #hasRoom(): boolean {
    return this.unread < BEHIND_BYTES;
  }

  deliver(events: readonly RoomEvent[]): void {
    for (const event of events) this.#send(record(this.deps.store.epoch, event.seq, event));
  }

  async recheck(): Promise<void> {
    // If the database fails, reconnecting is better than keeping a right that may be gone.
    const mayStay = await this.deps.refuse().then(
      (refusal) => refusal === null,
      () => false,
    );
    if (!mayStay) this.close();
  }

  /** Ends the stream for the client too, which reconnects and resumes. */
  close(): void {
    const controller = this.#controller;
    this.end();
    controller?.close();
  }

  end(): void {
    if (!this.#controller) return;
    this.#controller = null;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#following?.[Symbol.dispose]();
    if (this.#entered) this.deps.chat.live.hub.leave(this.room);
    this.deps.sockets.streams.delete(this);
    this.deps.sockets.deps.directory.unread.delete(this);
    this.deps.release();
    this.pulled();
  }

  get unread(): number {
    return BACKPRESSURE_LIMIT - (this.#controller?.desiredSize ?? BACKPRESSURE_LIMIT);
  }

  /** What waits is dropped: who does not read would keep it. */
  cutOff(): void {
    const controller = this.#controller;
    this.end();
    controller?.error(new Error("too slow"));
  }

  #send(text: string): void {
    if (!this.#controller) return;
    const bytes = this.#encoder.encode(text);
    this.#controller.enqueue(bytes);
    this.deps.sockets.deps.directory.unread.sent(bytes.length);
    if ((this.#controller.desiredSize ?? 0) <= 0) this.close();
  }
}

function record(epoch: string, seq: number, data: RoomEvent | Begin): string {
  return `id: ${epoch}:${seq}\nevent: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
