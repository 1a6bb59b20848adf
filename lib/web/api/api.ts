import { Refusal } from "../../model/base/errors.ts";
import { HISTORY_LIMIT } from "../../model/wire/limits.ts";
import { authorize, globalRole } from "../../model/rooms/authorize.ts";
import { type Author, authorOf, personName } from "../../model/people/person.ts";
import { MOST_FILES } from "../../model/files/file.ts";
import { isFiles } from "../../model/wire/frame.ts";
import { roomName } from "../../model/rooms/room.ts";
import { looksAlike } from "../../model/people/skeleton.ts";
import type { Records } from "../../model/records.ts";
import type { Page, Store } from "../../model/store.ts";
import { refuseName } from "../../chat/accounts/names.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Principal } from "../../chat/moderation/access.ts";
import openapi from "./openapi.json";
import { postMessage } from "./post.ts";
import { type Context, principalOf } from "../http/context.ts";
import type { Route } from "../http/router.ts";

export interface ApiDeps {
  readonly store: Store;
  readonly records: Records;
  readonly chat: Pick<Chat, "messages" | "live" | "limits" | "moderation">;
  readonly now: () => number;
  readonly newId: () => string;
}

/** The HTTP API for bots and scripts. */
export function apiRoutes(deps: ApiDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/openapi.json",
      handle: () => Response.json(openapi),
      limit: "none",
      identity: false,
    },
    {
      method: "GET",
      path: "/api/v1/rooms/:room/messages",
      handle: (context) => readMessages(context, deps),
      limit: "read",
      api: true,
      takesToken: true,
    },
    {
      method: "POST",
      path: "/api/v1/rooms/:room/messages",
      handle: (context) => sendMessage(context, deps),
      limit: "write",
      api: true,
      takesToken: true,
    },
  ];
}

/** Who calls, and the name they are known by. */
interface Caller extends Principal {
  readonly person: Author;
}

/**
 * Who calls: the person of the cookie, where it is not another site's page that sends it; otherwise
 * a guest that stands for the network, so that a script that repeats an `id` is the same author.
 */
export function callerOf(context: Context): Caller | Refusal {
  const { entry, isKnown, network, sessions } = context;
  if (entry === "refused") return new Refusal("crossSite");
  if (entry === "person" && isKnown) return { ...principalOf(context), person: context.person };
  return { person: sessions.guestOf(network), session: null, network, key: null };
}

export async function readMessages(
  context: Context,
  { store, chat, now }: ApiDeps,
): Promise<Response | Refusal> {
  const caller = callerOf(context);
  if (caller instanceof Refusal) return caller;
  const room = roomName(context.params["room"] ?? "");
  if (room === null) return new Refusal("noSuchRoom");
  const { reads } = chat.limits;
  const reader = { person: caller.person.id, network: caller.network };
  const slow = reads.consume(reader);
  if (slow) return slow;
  const refusal = authorize(await chat.moderation.accessLookup.of(caller, room), "enter", now());
  if (refusal) return refusal;
  const query = context.url.searchParams;
  const [before, after] = [numberOf(query, "before"), numberOf(query, "after")];
  const limit = numberOf(query, "limit") ?? 50;
  if (before instanceof Refusal) return before;
  if (after instanceof Refusal) return after;
  if (limit instanceof Refusal) return limit;
  if (limit < 1 || limit > HISTORY_LIMIT) {
    return new Refusal("range", { name: "limit", least: 1, most: HISTORY_LIMIT });
  }
  if (before !== null && after !== null) {
    return new Refusal("beforeOrAfter");
  }
  const question = query.get("q");
  if (question !== null && after !== null) {
    return new Refusal("searchBackwards");
  }
  const upTo = before ?? Number.MAX_SAFE_INTEGER;
  const page: Page | Refusal =
    question !== null
      ? await chat.messages.search.find(caller.network, room, question, upTo, limit)
      : await reads.inTurn(reader, () =>
          after === null ? store.before(room, upTo, limit) : store.after(room, after, limit),
        );
  if (page instanceof Refusal) return page;
  return Response.json({ room, epoch: store.epoch, ...page }, NO_STORE);
}

const NO_STORE = { headers: { "cache-control": "no-store" } };

function numberOf(query: URLSearchParams, name: string): number | null | Refusal {
  const text = query.get(name);
  if (text === null) return null;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  return new Refusal("wholeNumber", { name });
}

export async function sendMessage(context: Context, deps: ApiDeps): Promise<Response | Refusal> {
  const { request } = context;
  const caller = callerOf(context);
  if (caller instanceof Refusal) return caller;
  const room = roomName(context.params["room"] ?? "");
  if (room === null) return new Refusal("noSuchRoom");
  // A form of another site cannot send this type without the browser asking us first.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    return new Refusal("jsonType");
  }
  const body = await bodyOf(request);
  if (body instanceof Refusal) return body;
  const { id, name } = caller.person;
  const asked = authorOf(id, body.name ?? name);
  const access = await deps.chat.moderation.accessLookup.of(caller, room);
  const role = globalRole(access);
  const taken = await refuseName(deps.records, asked.name, { id, role });
  if (taken) return taken;
  const isTheirs = access.account !== null && looksAlike(asked.name, access.account.name);
  const author = isTheirs ? asked : await deps.chat.live.names.speaker(room, asked);
  const draft = { type: "message", room, author, text: body.text, at: deps.now() } as const;
  const files = body.files === undefined ? {} : { files: body.files };
  const message = { ...draft, ...files, id: body.id ?? deps.newId() };
  const result = await postMessage(deps.chat.messages.post, message, access);
  if (result instanceof Refusal) return result;
  return Response.json(result.event, { ...NO_STORE, status: result.again ? 200 : 201 });
}

interface Body {
  readonly text: string;
  readonly id?: string;
  readonly name?: string;
  readonly files?: readonly string[];
}

async function bodyOf(request: Request): Promise<Body | Refusal> {
  let json: unknown;
  try {
    json = await request.json();
  } catch {
    return new Refusal("jsonBody");
  }
  const fields: Record<string, unknown> =
    typeof json === "object" && json !== null ? { ...json } : {};
  const { id, name, files = [] } = fields;
  if (!isFiles(files)) return new Refusal("fileIds", { count: MOST_FILES });
  const text = files.length > 0 ? (fields["text"] ?? "") : fields["text"];
  if (typeof text !== "string") return new Refusal("string", { name: "text" });
  if (id !== undefined && !(typeof id === "string" && /^[^\p{C}]{1,64}$/u.test(id))) {
    return new Refusal("idString", { count: 64 });
  }
  if (name !== undefined && typeof name !== "string") {
    return new Refusal("string", { name: "name" });
  }
  const checked = name === undefined ? undefined : personName(name);
  if (checked instanceof Refusal) return checked;
  return {
    text,
    ...(id === undefined ? {} : { id }),
    ...(checked === undefined ? {} : { name: checked }),
    ...(files.length === 0 ? {} : { files }),
  };
}
