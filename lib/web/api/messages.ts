import { refuseName } from "../../chat/accounts/names.ts";
import { Refusal } from "../../model/base/errors.ts";
import { authorOf } from "../../model/people/person.ts";
import { authorize, globalRole, refuseEntry } from "../../model/rooms/authorize.ts";
import type { Page, PostedDraft } from "../../model/store.ts";
import { EMOJI, NEW_MESSAGE, PAGE, PAGE_QUERY, POSTED } from "../openapi/messages.ts";
import { object, type Of } from "../openapi/schema.ts";
import { EDITED, MESSAGE, REACTED, ROOM, SEQ, WORDS } from "../openapi/wire.ts";
import { actorIn, type ApiDeps, type Caller, countRead, speakerOf } from "./caller.ts";
import { operation } from "./operation.ts";
import { postDraft } from "../../chat/messages/post-draft.ts";
import { nothing, type Reply } from "./reply.ts";

const READ = { limit: "read" } as const;
const WRITE = { limit: "write" } as const;
const PATH = "/v1/rooms/:room/messages";
const ONE = { room: ROOM, seq: SEQ };

export const MESSAGES = [
  operation({
    ...{ id: "listMessages", method: "GET", path: PATH, tag: "Messages", scope: "read" },
    summary: "List or search messages",
    params: { room: ROOM },
    query: PAGE_QUERY,
    answers: { 200: { about: "A page of them.", schema: PAGE } },
    route: READ,
    handle: ({ caller, params, query }, deps) => readMessages(caller, params.room, query, deps),
  }),
  operation({
    ...{ id: "postMessage", method: "POST", path: PATH, tag: "Messages", scope: "post" },
    summary: "Post a message",
    about: "Sent again with the same `id` by the same caller, it makes no second message.",
    params: { room: ROOM },
    body: NEW_MESSAGE,
    answers: POSTED,
    route: WRITE,
    handle: ({ caller, params, body }, deps) => sendMessage(caller, params.room, body, deps),
  }),
  operation({
    ...{ id: "getMessage", method: "GET", path: `${PATH}/:seq`, tag: "Messages", scope: "read" },
    summary: "Get a message",
    params: ONE,
    answers: { 200: { about: "As it now stands.", schema: MESSAGE } },
    route: READ,
    async handle({ caller, params: { room, seq } }, deps) {
      const page = await readMessages(caller, room, { before: seq + 1, limit: 1 }, deps);
      if (page instanceof Refusal) return page;
      const message = page.body.messages.find((each) => each.seq === seq);
      return message ? { status: 200, body: message } : new Refusal("noSuchMessage");
    },
  }),
  operation({
    ...{ id: "editMessage", method: "PATCH", path: `${PATH}/:seq`, tag: "Messages", scope: "post" },
    summary: "Edit a message",
    about: "Only its author may.",
    params: ONE,
    body: object({ text: WORDS }),
    answers: { 200: { about: "The edit.", schema: EDITED } },
    route: WRITE,
    handle: ({ caller, params, body }, deps) =>
      change(caller, params, deps, (base) => {
        return { type: "edited", ...base, text: body.text, anyone: false };
      }),
  }),
  operation({
    ...{ id: "deleteMessage", method: "DELETE", path: `${PATH}/:seq`, tag: "Messages" },
    scope: "post",
    summary: "Delete a message",
    about: "One's own, or as a moderator that of someone of a lower rank.",
    params: ONE,
    answers: { 204: { about: "It is deleted, here and on disk.", schema: null } },
    route: WRITE,
    async handle({ caller, params: { room, seq } }, deps) {
      const actor = await actorIn(caller, room, deps);
      if (actor instanceof Refusal) return actor;
      const { limits, moderation } = deps.chat;
      const slow = limits.floods.consume(actor.author, actor.access);
      return nothing(slow ?? (await moderation.commands.moderate.remove(actor, seq, "")));
    },
  }),
  ...(["PUT", "DELETE"] as const).map((method) =>
    operation({
      ...{ id: method === "PUT" ? "addReaction" : "removeReaction", method, scope: "post" },
      ...{ path: `${PATH}/:seq/reactions/:emoji`, tag: "Messages" },
      summary: method === "PUT" ? "Add a reaction" : "Remove a reaction",
      params: { ...ONE, emoji: EMOJI },
      answers: { 200: { about: "The reaction.", schema: REACTED } },
      route: WRITE,
      handle: ({ caller, params }, deps) =>
        change(caller, params, deps, (base) => {
          return { type: "reacted", ...base, emoji: params.emoji, on: method === "PUT" };
        }),
    }),
  ),
];

type PageQuery = { readonly [K in keyof typeof PAGE_QUERY]?: Of<(typeof PAGE_QUERY)[K]> };
interface PageReply extends Reply {
  readonly body: Page & { readonly room: string; readonly epoch: string };
}

/** A page of a room's messages, if the caller may read it. */
export async function readMessages(
  caller: Caller,
  room: string,
  { before, after, limit = 50, q }: PageQuery,
  deps: ApiDeps,
): Promise<PageReply | Refusal> {
  const { store, chat, now } = deps;
  const slow = countRead(caller, deps);
  if (slow) return slow;
  const access = await chat.moderation.accessLookup.of(caller, room);
  const refusal = authorize(access, "enter", now());
  if (refusal) return refusal;
  if (before !== undefined && after !== undefined) return new Refusal("beforeOrAfter");
  if (q !== undefined && after !== undefined) return new Refusal("searchBackwards");
  const upTo = before ?? Number.MAX_SAFE_INTEGER;
  const reader = { person: caller.person.id, network: caller.network };
  const page: Page | Refusal =
    q !== undefined
      ? await chat.messages.search.find(caller.network, room, q, upTo, limit)
      : await chat.limits.reads.inTurn(reader, () =>
          after === undefined ? store.before(room, upTo, limit) : store.after(room, after, limit),
        );
  if (page instanceof Refusal) return page;
  const { messages, more } = page;
  const edge = after === undefined ? messages[0] : messages.at(-1);
  const next = more && edge ? { [after === undefined ? "before" : "after"]: edge.seq } : null;
  return { status: 200, body: { room, epoch: store.epoch, ...page }, next };
}

/** Posts a message as the caller, under the requested name if nobody else has it. */
export async function sendMessage(
  caller: Caller,
  room: string,
  { files = [], text, ...body }: Of<typeof NEW_MESSAGE>,
  deps: ApiDeps,
): Promise<Reply | Refusal> {
  const { chat, records, now, newId } = deps;
  if (text === undefined && files.length === 0) return new Refusal("string", { name: "text" });
  const { id, name } = caller.person;
  const asked = authorOf(id, body.name ?? name);
  const access = await chat.moderation.accessLookup.of(caller, room);
  const door = refuseEntry(access, now());
  if (door) return door.refusal;
  const taken = await refuseName(records, asked.name, { id, role: globalRole(access) });
  if (taken) return taken;
  const author = await speakerOf(asked, room, access, chat);
  const draft = {
    type: "message",
    ...{ room, author, id: body.id ?? newId(), text: text ?? "", at: now() },
    ...(files.length === 0 ? {} : { files }),
    ...(body.replyTo === undefined ? {} : { replyTo: body.replyTo }),
  } as const;
  const result = await postDraft(chat.messages.post, draft, access);
  if (result instanceof Refusal) return result;
  return { status: result.again ? 200 : 201, body: result.event };
}

/** Posts a change of a message as the caller. */
async function change(
  caller: Caller,
  { room, seq: target }: { readonly room: string; readonly seq: number },
  deps: ApiDeps,
  draft: (
    base: Pick<PostedDraft, "room" | "author" | "at"> & { readonly target: number },
  ) => PostedDraft,
): Promise<Reply | Refusal> {
  const actor = await actorIn(caller, room, deps);
  if (actor instanceof Refusal) return actor;
  const { author, access } = actor;
  const base = { room, author, at: deps.now(), target };
  const result = await postDraft(deps.chat.messages.post, draft(base), access);
  return result instanceof Refusal ? result : { status: 200, body: result.event };
}
