import { refuseName } from "../../chat/accounts/names.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Observer } from "../../model/base/observer.ts";
import { Refusal } from "../../model/base/errors.ts";
import { readTyped } from "../../model/rooms/commands.ts";
import { WELCOME_MESSAGES } from "../../model/wire/limits.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { personName } from "../../model/people/person.ts";
import { roomName } from "../../model/rooms/room.ts";
import { isDirectName, roomPath, talkPath } from "../../model/rooms/rules.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import { serveAsset } from "../http/assets.ts";
import { answerCommand } from "./command-form.ts";
import { isForm } from "../http/body.ts";
import { formOf, nextOf } from "./forms.ts";
import { entryPage } from "./entry.ts";
import { isLanguage } from "../http/languages.ts";
import { type Context, principalOf } from "../http/context.ts";
import { lobbyPage, roomPage } from "./pages.ts";
import { postDraft } from "../../chat/messages/post-draft.ts";
import { seeOther } from "../http/response.ts";
import type { Answer, Route } from "../http/router.ts";
import { YEAR_SECONDS } from "../identity/session.ts";
import { type Filled, takeForm } from "../api/uploads.ts";

export interface VisitDeps {
  readonly chat: Pick<Chat, "messages" | "live" | "limits" | "moderation" | "files">;
  readonly store: Store;
  readonly records: Records;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** The pages, their assets, and the forms that work without scripts. */
export function visitRoutes(deps: VisitDeps): readonly Route[] {
  const page = { method: "GET", limit: "page", greets: true } as const;
  return [
    { ...page, path: "/", handle: (context) => lobby(context, deps) },
    { ...page, path: "/rooms/", handle: (context) => enterRoom(context, deps) },
    {
      ...page,
      path: "/rooms/:room",
      handle: (context) => {
        const { room: raw = "" } = context.params;
        const room = roomName(raw);
        return room === null || room === raw
          ? show(context, raw, deps)
          : seeOther(`./${encodeURIComponent(room)}`);
      },
    },
    {
      ...page,
      path: "/index/",
      handle: (context) => {
        const raw = context.url.searchParams.get("num");
        return raw === null ? seeOther("../") : show(context, raw, deps);
      },
    },
    {
      method: "GET",
      path: "/assets/:name",
      handle: ({ request, params: { name = "" } }) =>
        serveAsset(name, request) ?? new Refusal("noSuchAsset"),
      limit: "none",
      identity: false,
    },
    { method: "POST", path: "/me", handle: (context) => changeMe(context, deps), limit: "form" },
    {
      method: "POST",
      path: "/rooms/:room",
      handle: (context) => sendForm(context, deps),
      limit: "form",
      upload: "multipart",
      greets: true,
    },
  ];
}

async function show(context: Context, raw: string, deps: VisitDeps): Promise<Answer> {
  const room = roomName(raw);
  return room === null ? new Refusal("noSuchRoom") : showRoom(context, room, deps);
}

/** The page of a room. A private talk has its page under the ids of its people. */
export async function showRoom(
  context: Context,
  room: string,
  deps: VisitDeps,
  isTalkPage = false,
): Promise<Answer> {
  const access = await deps.chat.moderation.accessLookup.of(principalOf(context), room);
  const refusal = authorize(access, "enter", deps.now());
  if (refusal) return entryPage(context, room, access, refusal);
  const { talks } = deps.chat.moderation;
  const others = isDirectName(room) ? await talks.othersIn(room, context.person.id) : [];
  if (!isTalkPage && others.length > 0) return seeOther(`../${talkPath(others)}`);
  const reader = { person: context.person.id, network: context.network };
  const page = await deps.chat.limits.reads.inTurn(reader, () =>
    deps.store.before(room, Number.MAX_SAFE_INTEGER, WELCOME_MESSAGES),
  );
  return roomPage(context, room, page.messages, others);
}

/**
 * Gives new visitors a guest cookie on any page, and extends sessions. Not for another site's form,
 * which arrives without the visitor's cookie: a new one would replace it.
 */
export function greet(response: Response, context: Context): Response {
  const { entry, sessions, cookies, session, person, isKnown, request } = context;
  if (entry !== "person") return response;
  if (!isKnown) response.headers.append("set-cookie", sessions.issue(person));
  const secret = session === null || request.method !== "GET" ? null : sessions.secretOf(cookies);
  if (secret !== null) response.headers.append("set-cookie", sessions.issueSession(secret));
  return response;
}

/** `/rooms/?room=123`, from the lobby's form. */
function enterRoom(context: Context, deps: VisitDeps): Answer | Promise<Answer> {
  const asked = context.url.searchParams.get("room");
  if (asked === null) return seeOther("../");
  const room = roomName(asked.trim());
  return room === null ? lobby(context, deps, true) : seeOther(`./${encodeURIComponent(room)}`);
}

/** The most rooms in the lobby. */
const LISTED = 50;

/** With the rooms that their owner, or an administrator, has listed. */
async function lobby(context: Context, { records }: VisitDeps, badRoom = false): Promise<Response> {
  const rooms = await records.rooms.listed(LISTED);
  const open = rooms.filter(({ rules }) => rules.kind !== "direct" && !rules.locked);
  const listed = open.map(({ room, rules }) => ({ room, topic: rules.topic }));
  return lobbyPage(context, listed, badRoom);
}

/** The form for the name, the language, or both. */
async function changeMe(context: Context, { records }: VisitDeps): Promise<Answer> {
  const { entry, person, request, sessions } = context;
  if (entry !== "person") return new Refusal("crossSite");
  const form = await formOf(request);
  if (form instanceof Refusal) return form;
  const headers = new Headers({ "cache-control": "no-store" });
  const asked = form.get("name");
  if (asked !== null) {
    const name = personName(asked);
    if (name instanceof Refusal) return name;
    const refusal = person.role === "guest" ? await refuseName(records, name, person) : OWN_NAME;
    if (refusal) return refusal;
    headers.append("set-cookie", sessions.issue({ id: person.id, name }));
  }
  const language = form.get("language");
  if (isLanguage(language)) {
    const { secure } = sessions;
    const attributes = { path: "/", sameSite: "lax", secure, maxAge: YEAR_SECONDS } as const;
    headers.append("set-cookie", new Bun.Cookie("language", language, attributes).serialize());
  }
  if (request.headers.get("accept")?.includes("application/json")) {
    return new Response(null, { status: 204, headers });
  }
  headers.set("location", `./${nextOf(form.get("next")) ?? ""}`);
  return new Response(null, { status: 303, headers });
}

const OWN_NAME = new Refusal("ownName");

/** A form without files. */
async function filledOf(request: Request): Promise<Filled | Refusal> {
  const form = await formOf(request);
  return form instanceof Refusal ? form : { text: form.get("text") ?? "", files: [] };
}

/** A message from a page without scripts. */
async function sendForm(context: Context, deps: VisitDeps): Promise<Answer> {
  const room = roomName(context.params["room"] ?? "");
  if (room === null) return new Refusal("noSuchRoom");
  return sendTo(context, room, roomPath(room), deps);
}

/** Sends a message to a room, whose page has this path below the base path. */
export async function sendTo(
  context: Context,
  room: string,
  path: string,
  deps: VisitDeps,
): Promise<Answer> {
  const { chat, now, newId } = deps;
  const { entry, person, request } = context;
  if (entry !== "person") return new Refusal("crossSite");
  const access = await deps.chat.moderation.accessLookup.of(principalOf(context), room);
  const asked = { id: person.id, name: person.name };
  const filled = isForm(request)
    ? await takeForm(request, { author: asked, room, access }, deps)
    : await filledOf(request);
  if (filled instanceof Refusal) return filled;
  const typed = readTyped(filled.text.trim() === "" ? "" : filled.text);
  if (typed.kind !== "text") return answerCommand(context, room, access, typed, path, deps);
  const { text } = typed;
  const author = person.role === "guest" ? await chat.live.names.speaker(room, asked) : asked;
  const files = filled.files.length === 0 ? {} : { files: filled.files.map((file) => file.id) };
  const draft = { type: "message", id: newId(), room, author, text, at: now(), ...files } as const;
  const result = await postDraft(chat.messages.post, draft, access);
  return result instanceof Refusal ? result : seeOther(`./${path.split("/").at(-1)}`);
}
