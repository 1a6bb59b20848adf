import { ownedBy, refuseName } from "../../chat/accounts/names.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Principal } from "../../chat/moderation/access.ts";
import type { Config } from "../../model/config.ts";
import type { Observer } from "../../model/base/observer.ts";
import { Refusal } from "../../model/base/errors.ts";
import { readTyped } from "../../model/rooms/commands.ts";
import { WELCOME_MESSAGES } from "../../model/wire/limits.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { type Person, personName } from "../../model/people/person.ts";
import { roomName } from "../../model/rooms/room.ts";
import type { Records } from "../../model/records.ts";
import type { Store } from "../../model/store.ts";
import { serveAsset } from "../http/assets.ts";
import { answerCommand } from "./command-form.ts";
import { isForm } from "../http/body.ts";
import { formOf } from "./forms.ts";
import { doorPage } from "./door.ts";
import { isLanguage, languageOf } from "../http/languages.ts";
import { entryOf } from "../http/origin.ts";
import { errorPage, lobbyPage, roomPage, type Visit } from "./pages.ts";
import { postMessage } from "../api/post.ts";
import { refusalResponse, seeOther, statusOf } from "../http/response.ts";
import type { Router } from "../http/router.ts";
import { type Sessions, YEAR_SECONDS } from "../identity/session.ts";
import { takeForm } from "../api/uploads.ts";

export interface VisitDeps {
  readonly chat: Pick<Chat, "messages" | "live" | "limits" | "moderation" | "files">;
  readonly config: Config;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly records: Records;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Where a form may send its visitor on to: the lobby or a room, never another site. */
const NEXT = /^(?:rooms\/[^/\\?#]{1,600})?$/;

/** Adds the pages, what they load, and the forms that work without scripts. */
export function addVisits(router: Router, deps: VisitDeps): void {
  const { sessions, store, chat } = deps;
  const show = async (visit: Visit, raw: string) => {
    const room = roomName(raw);
    if (room === null) return errorPage(visit, 404);
    const access = await chat.moderation.accessLookup.of(comerOf(visit, sessions), room);
    const refusal = authorize(access, "enter", deps.now());
    if (refusal) return doorPage(visit, room, access, refusal, sessions);
    const page = await store.before(room, Number.MAX_SAFE_INTEGER, WELCOME_MESSAGES);
    return roomPage(visit, room, page.messages);
  };
  const visited = (root: string, answer: (visit: Visit, query: URLSearchParams) => Answer) => {
    return async (request: Request, params: Readonly<Record<string, string>>) => {
      const visit = visitOf(request, root, sessions);
      const { searchParams } = new URL(request.url);
      for (const [name, value] of Object.entries(params)) searchParams.set(`:${name}`, value);
      return greet(await answer(visit, searchParams), visit, sessions);
    };
  };
  router
    .on(
      "GET",
      "/",
      visited("./", (visit) => lobby(visit, deps)),
    )
    .on(
      "GET",
      "/rooms/",
      visited("../", (visit, query) => enterRoom(visit, query, deps)),
    )
    .on(
      "GET",
      "/rooms/:room",
      visited("../", (visit, query) => {
        const raw = query.get(":room") ?? "";
        const room = roomName(raw);
        return room === null || room === raw
          ? show(visit, raw)
          : seeOther(`./${encodeURIComponent(room)}`);
      }),
    )
    .on(
      "GET",
      "/index/",
      visited("../", (visit, query) => {
        const raw = query.get("num");
        return raw === null ? seeOther("../") : show(visit, raw);
      }),
    )
    .on("GET", "/assets/:name", (request, { name = "" }) => {
      return serveAsset(name, request) ?? refusalResponse(new Refusal("noSuchAsset"));
    })
    .on("POST", "/me", (request) => changeMe(request, deps))
    .on("POST", "/rooms/:room", (request, { room = "" }) => sendForm(request, room, deps));
}

/** Whom the door asks about. */
function comerOf({ person, request }: Visit, sessions: Sessions): Principal {
  return { person, network: sessions.network(request.headers), key: null };
}

type Answer = Response | Promise<Response>;

/** Who visits, in which language. */
export function visitOf(request: Request, root: string, sessions: Sessions): Visit {
  const { headers } = request;
  const person = sessions.read(headers) ?? sessions.newGuest();
  return { request, language: languageOf(headers), root, person };
}

/** A first visit to any page makes a guest; each page someone opens keeps them signed in. */
export function greet(response: Response, visit: Visit, sessions: Sessions): Response {
  const { headers, method } = visit.request;
  if (!sessions.read(headers)) {
    response.headers.append("set-cookie", sessions.issue(visit.person));
  }
  const session = method === "GET" ? sessions.renew(headers) : null;
  if (session !== null) response.headers.append("set-cookie", session);
  return response;
}

/** `/rooms/?room=123`, as the lobby's form sends it. */
function enterRoom(visit: Visit, query: URLSearchParams, deps: VisitDeps): Answer {
  const asked = query.get("room");
  if (asked === null) return seeOther("../");
  const room = roomName(asked.trim());
  return room === null ? lobby(visit, deps, true) : seeOther(`./${encodeURIComponent(room)}`);
}

/** Rooms the lobby shows at the most. */
const LISTED = 50;

/** With the rooms that are shown to everyone: those whose owner, or an administrator, wants it. */
async function lobby(visit: Visit, { records }: VisitDeps, badRoom = false): Promise<Response> {
  const rooms = await records.rooms.listed(LISTED);
  const open = rooms.filter(({ rules }) => rules.kind !== "direct" && !rules.locked);
  const listed = open.map(({ room, rules }) => ({ room, topic: rules.topic }));
  return lobbyPage(visit, listed, badRoom);
}

/** The form of the name, of the language, or of both. */
async function changeMe(request: Request, deps: VisitDeps): Promise<Response> {
  const person = callerOf(request, deps);
  const refuse = (why: Refusal) => refusalResponse(why, languageOf(request.headers));
  if (person instanceof Refusal) return refuse(person);
  const form = await formOf(request);
  const headers = new Headers({ "cache-control": "no-store" });
  const asked = form.get("name");
  if (asked !== null) {
    const name = personName(asked);
    if (name instanceof Refusal) return refuse(name);
    const refusal =
      person.role === "guest" ? await refuseName(deps.records, name, person) : OWN_NAME;
    if (refusal) return refuse(refusal);
    headers.append("set-cookie", deps.sessions.issue({ id: person.id, name }));
  }
  const language = form.get("language");
  if (isLanguage(language)) {
    const secure = deps.sessions.secure;
    const attributes = { path: "/", sameSite: "lax", secure, maxAge: YEAR_SECONDS } as const;
    headers.append("set-cookie", new Bun.Cookie("language", language, attributes).serialize());
  }
  if (request.headers.get("accept")?.includes("application/json")) {
    return new Response(null, { status: 204, headers });
  }
  const next = form.get("next") ?? "";
  headers.set("location", `./${NEXT.test(next) ? next : ""}`);
  return new Response(null, { status: 303, headers });
}

const OWN_NAME = new Refusal("ownName");

/** A message from a page without scripts. */
async function sendForm(request: Request, raw: string, deps: VisitDeps): Promise<Response> {
  const { chat, now, newId, sessions } = deps;
  const visit = visitOf(request, "../", sessions);
  const room = roomName(raw);
  if (room === null) return errorPage(visit, 404);
  const author = callerOf(request, deps);
  if (author instanceof Refusal) return errorPage(visit, statusOf(author));
  const known = { ...visit, person: author };
  const access = await chat.moderation.accessLookup.of(comerOf(known, sessions), room);
  const { id, name } = author;
  const filled = isForm(request)
    ? await takeForm(request, { author: { id, name }, room, access }, deps)
    : { text: (await formOf(request)).get("text") ?? "", files: [] };
  if (filled instanceof Refusal) return errorPage(visit, statusOf(filled));
  const typed = readTyped(filled.text.trim() === "" ? "" : filled.text);
  if (typed.kind !== "text") {
    return greet(await answerCommand(known, room, access, typed, deps), known, sessions);
  }
  const { text } = typed;
  const asked = { id, name };
  const isOwned = ownedBy(deps.records, author);
  const named = author.role === "guest" ? chat.live.names.speaker(room, asked, isOwned) : asked;
  const draft = {
    type: "message",
    id: newId(),
    room,
    author: await named,
    text,
    at: now(),
    ...(filled.files.length === 0 ? {} : { files: filled.files.map((file) => file.id) }),
  } as const;
  const result = await postMessage(chat.messages.post, draft, access);
  if (result instanceof Refusal) return errorPage(visit, statusOf(result));
  return greet(seeOther(`./${encodeURIComponent(room)}`), { ...visit, person: author }, sessions);
}

/** The guest of the cookie or a new one; not where another site's page sends the form. */
function callerOf(request: Request, { config, sessions }: VisitDeps): Person | Refusal {
  const { headers } = request;
  const known = sessions.isKnown(headers);
  const entry = entryOf(headers.get("origin"), headers.get("host"), config.origins, known);
  if (entry === "person") return sessions.read(headers) ?? sessions.newGuest();
  return new Refusal("crossSite");
}
