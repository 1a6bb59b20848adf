import type { Feed, InboxListener } from "../../chat/inbox/feed.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Principal } from "../../chat/moderation/access.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Author } from "../../model/people/person.ts";
import { decodeMark, type InboxFrame } from "../../model/wire/inbox.ts";
import { BACKPRESSURE_LIMIT } from "../../model/wire/limits.ts";
import { type Context, IDLE_SECONDS, principalOf } from "../http/context.ts";
import type { Route } from "../http/router.ts";
import type { Stream } from "../socket/access.ts";
import type { Sockets } from "../socket/sockets.ts";

/** A comment this often keeps proxies from taking the stream for dead. */
const HEARTBEAT_MS = 25_000;
const NO_STORE = { "cache-control": "no-store" };

export interface InboxDeps {
  readonly chat: Pick<Chat, "inbox" | "limits">;
  readonly sockets: Sockets;
}

/** `/api/v1/inbox`: what a person follows, has read, and what waits for them. */
export function inboxRoutes(deps: InboxDeps): readonly Route[] {
  const path = "/api/v1/inbox";
  return [
    {
      method: "GET",
      path,
      handle: (context) => read(context, deps),
      limit: "read",
      api: true,
      takesToken: true,
    },
    {
      method: "POST",
      path,
      handle: (context) => mark(context, deps),
      limit: "write",
      api: true,
      takesToken: true,
    },
    {
      method: "GET",
      path: `${path}/events`,
      handle: (context) => openStream(context, deps),
      limit: "stream",
      lasts: true,
      api: true,
      takesToken: true,
    },
  ];
}

/** Only who comes with a cookie of ours has an inbox: a network is not a person. */
export function personOf(context: Context): (Principal & { readonly person: Author }) | Refusal {
  const { entry, isKnown, person } = context;
  if (entry === "refused") return new Refusal("crossSite");
  if (entry !== "person" || !isKnown) return new Refusal("noInbox");
  return { ...principalOf(context), person };
}

/** The caller, where they have not asked too often. */
function counted(context: Context, { chat }: InboxDeps): ReturnType<typeof personOf> {
  const caller = personOf(context);
  if (caller instanceof Refusal) return caller;
  const reader = { person: caller.person.id, network: caller.network };
  return chat.limits.reads.consume(reader) ?? caller;
}

async function read(context: Context, deps: InboxDeps): Promise<Response | Refusal> {
  const caller = counted(context, deps);
  if (caller instanceof Refusal) return caller;
  const since = sinceOf(context.url.searchParams.get("since"));
  const inbox = await deps.chat.inbox.read(caller, since);
  return Response.json(inbox, { headers: NO_STORE });
}

async function mark(context: Context, deps: InboxDeps): Promise<Response | Refusal> {
  const { request } = context;
  const caller = counted(context, deps);
  if (caller instanceof Refusal) return caller;
  // A form of another site cannot send this type without the browser asking us first.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    return new Refusal("jsonType");
  }
  const json: unknown = await request.json().catch(() => undefined);
  if (typeof json !== "object" || json === null) return new Refusal("jsonBody");
  const asked = decodeMark({ ...json });
  if (asked instanceof Refusal) return asked;
  const refusal = await deps.chat.inbox.mark(caller, caller.person.name, asked);
  return refusal ?? new Response(null, { status: 204, headers: NO_STORE });
}

/** A version that makes no sense is none. */
function sinceOf(text: string | null): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** Server-sent events, each an `inbox` frame; its id is the version. */
function openStream(context: Context, deps: InboxDeps): Response | Refusal {
  const caller = personOf(context);
  if (caller instanceof Refusal) return caller;
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

/** One stream of an inbox, from `open` to `end`. It is in no room. */
class InboxStream implements InboxListener, Stream {
  readonly room = "";
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #heartbeat: ReturnType<typeof setInterval> | null = null;
  #feed: Feed | null = null;

  constructor(
    readonly principal: Principal,
    readonly deps: InboxDeps & { readonly release: () => void },
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

  /** What may be told is looked up for the inbox itself. */
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

  /** A reader too slow for 1 MiB is cut off, and comes back where it was. */
  #send(text: string): void {
    if (!this.#controller) return;
    this.#controller.enqueue(this.#encoder.encode(text));
    if ((this.#controller.desiredSize ?? 0) <= 0) this.close();
  }
}
