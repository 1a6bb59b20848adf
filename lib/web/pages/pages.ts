import {
  hueOf,
  initialsOf,
  isOnlyEmoji,
  shortId,
  startsGroup,
} from "../../model/wire/appearance.ts";
import type { Refusal } from "../../model/base/errors.ts";
import type { Message } from "../../model/wire/event.ts";
import { type FileInfo, filePath, kindOf, shownSize, sizeText } from "../../model/files/file.ts";
import type { Author } from "../../model/people/person.ts";
import { fill } from "../../model/text/locale.ts";
import { roomPath, talkPath } from "../../model/rooms/rules.ts";
import { asset } from "../http/assets.ts";
import type { Context } from "../http/context.ts";
import { acceptedEncoding, compress, WORTH_COMPRESSING } from "../http/encoding.ts";
import { catalogue, LANGUAGES } from "../http/languages.ts";
import { statusOf } from "../http/response.ts";
import { translate } from "../http/translate.ts";
import { compileTemplate, SafeHtml, type Template, type Values } from "../http/template.ts";
import { pageSources } from "../http/bundle.macro.ts" with { type: "macro" };

const SOURCES: Readonly<Record<string, string>> = pageSources();
const lobby = compileTemplate("lobby.html", SOURCES);
const room = compileTemplate("room.html", SOURCES);
const error = compileTemplate("error.html", SOURCES);

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "private, no-cache",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' data: blob:; media-src 'self'; manifest-src 'self'; worker-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  vary: "accept-encoding, accept-language, cookie",
};

/** A room listed in the lobby. */
export interface ListedRoom {
  readonly room: string;
  readonly topic: string;
}

/** The lobby; `badRoom`: the requested name is not a room name. */
export function lobbyPage(
  context: Context,
  rooms: readonly ListedRoom[],
  badRoom = false,
): Response {
  const t = catalogue(context.language).page;
  const listed = rooms.map((each) => ({ ...each, address: encodeURIComponent(each.room) }));
  const alert = badRoom ? t.badRoom : "";
  const values = { title: "chatroom", alert, listed: listed.length > 0 ? listed : false };
  return page(context, lobby, "", values, badRoom ? 400 : 200);
}

/**
 * `messages`: the last ones, which are there before scripts run, and without them. A private talk is
 * called by its `others`; a room has none.
 */
export function roomPage(
  context: Context,
  name: string,
  messages: readonly Message[],
  others: readonly Author[] = [],
): Response {
  const { page: t, tag } = catalogue(context.language);
  const called = others.map((other) => other.name || fill(t.guest, { id: shortId(other.id) }));
  const title = called.length > 0 ? new Intl.ListFormat(tag).format(called) : name;
  const rows = messages.map((message, at) => row(message, messages[at - 1], context));
  const blank = { seq: 0, first: true, hue: 0, initial: "", name: "", iso: "", time: "", body: "" };
  const values = {
    title: `${title} · chatroom`,
    about: fill(t.aboutRoom, { room: title }),
    room: name,
    roomTitle: title,
    messages: rows,
    empty: rows.length === 0,
    m: { ...blank, bot: false, replyTo: 0, huge: false, files: false },
  };
  const here = others.length > 0 ? talkPath(others) : roomPath(name);
  return page(context, room, here, { ...values, t }, 200);
}

/** The page that explains a refusal. */
export function errorPage(context: Context, refusal: Refusal): Response {
  const t = catalogue(context.language).page;
  const status = statusOf(refusal);
  const explanation = status === 404 ? t.notFoundText : translate(refusal, context.language);
  const heading = status === 404 ? t.notFoundTitle : t.errorTitle;
  return page(context, error, "", { heading, explanation, title: heading }, status);
}

/** A compiled template; throws at the start if it has a syntax error. */
export function pageTemplate(name: string): Template {
  return compileTemplate(name, SOURCES);
}

/** `here`: the page's own address, relative to the base path. */
export function page(
  context: Context,
  template: Template,
  here: string,
  more: Values,
  status: number,
): Response {
  const { language, root, person, request } = context;
  const { page: t, tag } = catalogue(language);
  const below = (name: string) => root + asset(name);
  const html = template({
    t,
    tag,
    root,
    here,
    person,
    account: context.session === null ? "" : person.id,
    you: youOf(context),
    about: t.about,
    address: context.baseUrl + here,
    picture: context.baseUrl + asset("icon-512.png"),
    languages: LANGUAGES.filter((code) => code !== language).map((code) => {
      const { name, tag } = catalogue(code);
      return { code, name, tag };
    }),
    assets: {
      icon: below("icon.svg"),
      unread: below("icon-unread.svg"),
      touch: below("icon-180.png"),
      // These are fetched again by their addresses, which must not change.
      manifest: `${root}assets/manifest.webmanifest`,
      styles: below("page.css"),
      boot: below("boot.js"),
      files: [below("files.js"), below("files.css"), below("emoji.txt")].join(" "),
      panels: below("panels.js"),
      lobby: below("lobby.js"),
      room: below("room.js"),
      words: below(`${language}.js`),
      people: [below("people.js"), below("people.css"), below(`${language}-later.js`)].join(" "),
      cards: below("lobby.css"),
      forms: below("forms.css"),
      adminScript: below("admin.js"),
    },
    ...more,
  });
  const headers = new Headers({ ...HEADERS, "content-language": tag });
  const encoding = html.length < WORTH_COMPRESSING ? null : acceptedEncoding(request);
  if (encoding === null) return new Response(html, { status, headers });
  headers.set("content-encoding", encoding);
  return new Response(compress(html, encoding, 5), { status, headers });
}

/** The visitor, for the corner of the page. */
function youOf(context: Context): Values {
  const { person, session, sessions } = context;
  const t = catalogue(context.language).page;
  return {
    hue: hueOf(person.id),
    initial: initialsOf(person.name),
    name: nameOf(person, t.guest),
    role: session === null ? t.guestRole : t.memberRole,
    isGuest: session === null,
    isAdmin: person.role === "admin",
    token: sessions.formToken(session, person),
  };
}

function nameOf({ id, name }: Author, guest: string): string {
  return name === "" ? fill(guest, { id: shortId(id) }) : name;
}

function row(message: Message, previous: Message | undefined, context: Context): Values {
  const { page: t, tag } = catalogue(context.language);
  const { seq, author, at, text, html, deleted, replyTo, files } = message;
  const first = startsGroup(previous, message);
  const iso = new Date(at).toISOString();
  const clock = iso.slice(11, 16);
  return {
    seq,
    first,
    hue: hueOf(author.id),
    initial: initialsOf(author.name),
    name: nameOf(author, t.guest),
    bot: author.bot === true,
    iso,
    // Only the first of a group has room for it.
    time: first ? `${clock} UTC` : clock,
    // `html` was created by `renderMarkup` when the message was stored.
    body: deleted ? t.deleted : html === undefined ? text : new SafeHtml(html),
    replyTo: replyTo ?? 0,
    huge: isOnlyEmoji(text),
    files: files ? files.map((file) => fileRow(file, context.root, tag)) : false,
  };
}

function fileRow(file: FileInfo, root: string, tag: string): Values {
  const { name, type, size, width, height } = file;
  const kind = kindOf(type);
  return {
    name,
    size: sizeText(size, tag),
    address: root + filePath(file),
    picture: kind === "image" && width && height ? shownSize(width, height) : false,
    audio: kind === "audio",
    video: kind === "video",
  };
}
