import type { Feed, InboxListener } from "../../chat/inbox/feed.ts";
import type { Principal } from "../../chat/moderation/access.ts";
import { Refusal } from "../../model/base/errors.ts";
import { NOTICE_LEVELS, WRITERS } from "../../model/inbox/inbox.ts";
import { decodeMark, type InboxFrame } from "../../model/wire/inbox.ts";
import { BACKPRESSURE_LIMIT } from "../../model/wire/limits.ts";
import { type Context, IDLE_SECONDS } from "../http/context.ts";
import type { Stream } from "../socket/access.ts";
import { choice, constant, custom, flag, object, text, whole } from "../openapi/schema.ts";
import { INBOX, PERSON_ID, ROOM, SEQ } from "../openapi/wire.ts";
import { type ApiDeps, type Caller, countRead } from "./caller.ts";
import { operation } from "./operation.ts";
import { nothing } from "./reply.ts";

/** The interval of comments that keep proxies from closing the stream. */
const HEARTBEAT_MS = 25_000;
const NO_STORE = { "cache-control": "no-store" };

/** An invalid version counts as 0. */
const SINCE = custom(
  { type: "integer", description: "The version one has; 0 or nonsense: none.", minimum: 0 },
  (value) => sinceOf(String(value)),
);
const PATH = "/v1/inbox";
const PERSONAL = { tag: "Inbox", isPersonal: true } as const;
const FIELDS = {
  all: constant(true),
  room: ROOM,
  read: SEQ,
  unread: SEQ,
  follow: flag("Whether the room is in the inbox."),
  level: choice("What one is told of.", NOTICE_LEVELS),
  quietUntil: whole("Until when one is told of nothing; 0: no such time."),
  writers: choice("Who may begin a private talk.", WRITERS),
  block: PERSON_ID,
  on: flag("False: not blocked any more."),
  done: text("The id of an item that is dealt with."),
};
/** The fields of a `mark` frame: for one room, for all, or for the inbox's settings. */
const MARK = custom(
  { ...object({}, FIELDS).json, description: "`all`, or `room` and what changes, or settings." },
  (value) =>
    typeof value === "object" && value !== null
      ? decodeMark({ ...value })
      : new Refusal("jsonBody"),
);

/** Rooms followed, read positions, and items that wait. */
export const INBOXES = [
  operation({
    ...{ id: "getInbox", method: "GET", path: PATH, ...PERSONAL, scope: "read" },
    summary: "Get the inbox",
    query: { since: SINCE },
    answers: { 200: { about: "All of it, or what has changed since a version.", schema: INBOX } },
    route: { limit: "read" },
    async handle({ caller, query: { since = 0 } }, deps) {
      const slow = countRead(caller, deps);
      return slow ?? { status: 200, body: await deps.chat.inbox.read(caller, since) };
    },
  }),
  operation({
    ...{ id: "markInbox", method: "POST", path: PATH, ...PERSONAL, scope: "post" },
    summary: "Change the inbox",
    body: MARK,
    answers: { 204: { about: "It is marked.", schema: null } },
    route: { limit: "write" },
    async handle({ caller, body }, deps) {
      const slow = countRead(caller, deps);
      return nothing(slow ?? (await deps.chat.inbox.mark(caller, caller.person.name, body)));
    },
  }),
  operation({
    ...{ id: "followInbox", method: "GET", path: `${PATH}/events`, ...PERSONAL, scope: "read" },
    summary: "Stream changes of the inbox",
    headers: { "last-event-id": text("The version to go on from.") },
    answers: {
      200: {
        about: "Server-sent events called `inbox`; the id of each is the version.",
        schema: INBOX,
        type: "text/event-stream",
      },
    },
    route: { limit: "stream", lasts: true },
    handle: ({ context, caller }, deps) => openStream(context, caller, deps),
  }),
];

/** An invalid version counts as 0. */
function sinceOf(text: string | null): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** Server-sent events, each an `inbox` frame whose id is the version. */
function openStream(context: Context, caller: Caller, deps: ApiDeps): Response | Refusal {
  const slow = deps.chat.limits.reads.consumeStart(caller.network);
  if (slow) return slow;
  const { quota: places } = deps.sockets;
  if (!places.admit(caller.network)) return new Refusal("streamLimit");
  context.setTimeout(0);
  const release = () => {
    places.release(caller.network);
    context.setTimeout(IDLE_SECONDS);
  };
  const since = sinceOf(context.request.headers.get("last-event-id"));
  const stream = new InboxStream(caller, { ...deps, release });
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => stream.open(since, controller),
      cancel: () => stream.end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BACKPRESSURE_LIMIT }),
  );
  const headers = { "content-type": "text/event-stream", ...NO_STORE };
  return new Response(body, { headers });
}

/** A stream of an inbox, from `open` to `end`. It is in no room. */
class InboxStream implements InboxListener, Stream {
  readonly room = "";
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #heartbeat: ReturnType<typeof setInterval> | null = null;
  #feed: Feed | null = null;

  constructor(
    readonly principal: Principal,
    readonly deps: ApiDeps & { readonly release: () => void },
  ) {}

  get person(): string {
    return this.principal.person.id;
  }

  get network(): string {
    return this.principal.network;
  }

  open(since: number, controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.#heartbeat = setInterval(() => this.#send(":\n\n"), HEARTBEAT_MS);
    this.deps.sockets.streams.add(this);
    this.#feed = this.deps.chat.inbox.feeds.open(this, since);
  }

  send(frame: InboxFrame): void {
    const id = frame.version === undefined ? "" : `id: ${frame.version}\n`;
    this.#send(`${id}event: inbox\ndata: ${JSON.stringify(frame)}\n\n`);
  }

  listen(): boolean {
    return false;
  }

  unlisten(): void {}

  /** The inbox checks rights itself. */
  async recheck(): Promise<void> {}

  close(): void {
    const controller = this.#controller;
    this.end();
    controller?.close();
  }

  end(): void {
    if (!this.#controller) return;
    this.#controller = null;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    if (this.#feed) this.deps.chat.inbox.feeds.close(this.#feed);
    this.deps.sockets.streams.delete(this);
    this.deps.release();
  }

  /** A reader with more than 1 MiB waiting is disconnected, and resumes. */
  #send(text: string): void {
    if (!this.#controller) return;
    this.#controller.enqueue(this.#encoder.encode(text));
    if ((this.#controller.desiredSize ?? 0) <= 0) this.close();
  }
}
