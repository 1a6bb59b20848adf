import { Refusal } from "../../model/base/errors.ts";
import { PROTOCOL } from "../../model/wire/frame.ts";
import { HISTORY_LIMIT, WELCOME_MESSAGES } from "../../model/wire/limits.ts";
import { allows } from "../../model/people/grant.ts";
import { personName } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { roomName } from "../../model/rooms/room.ts";
import type { Cursor } from "../../chat/live/join.ts";
import { refuseName } from "../../chat/accounts/names.ts";
import type { Chat } from "../../chat/chat.ts";
import { Connection } from "./connection.ts";
import type { Context } from "../http/context.ts";
import type { Answer, Route } from "../http/router.ts";
import type { Sockets } from "./sockets.ts";
import type { Ticket } from "./ticket.ts";

export interface UpgradeDeps {
  readonly records: Records;
  readonly chat: Pick<Chat, "limits" | "moderation">;
  readonly sockets: Sockets;
  readonly now: () => number;
}

/** `/ws/:room/`: the room's WebSocket; the last slash is optional. */
export function upgradeRoutes(deps: UpgradeDeps): readonly Route[] {
  const handle = (context: Context) => upgrade(context, deps);
  const socket = { method: "GET", handle, limit: "stream", lasts: true, takesToken: true } as const;
  return [
    { ...socket, path: "/ws/:room/" },
    { ...socket, path: "/ws/:room" },
  ];
}

/** Turns a request into a socket (undefined), or refuses it. */
async function upgrade(context: Context, deps: UpgradeDeps): Promise<Answer> {
  const { server } = context;
  const asked = ticketOf(context, deps);
  const ticket = asked instanceof Refusal ? asked : await check(asked, context, deps);
  if (ticket instanceof Refusal) return ticket;
  const { network } = ticket;
  const slow =
    deps.sockets.frameLimits.refuseOpen(network) ?? deps.chat.limits.reads.consumeStart(network);
  if (slow) return slow;
  if (!deps.sockets.quota.admit(ticket.network)) return new Refusal("socketLimit");
  const headers = {
    // Of the offered subprotocols only this one is confirmed, never the one with a token.
    ...(ticket.json ? { "sec-websocket-protocol": PROTOCOL } : {}),
    "x-chatroom-identity": identityOf(context),
  };
  const { unread } = deps.sockets.deps.directory;
  const data = new Connection(ticket, server, deps.now, (bytes) => unread.sent(bytes));
  if (server.upgrade(context.request, { data, headers })) return undefined;
  deps.sockets.quota.release(ticket.network);
  return new Refusal("isSocket");
}

/**
 * Who a socket acts for. A stranger is a new guest for as long as the socket is open; the others
 * are the same author on every connection.
 */
function identityOf({
  entry,
  isKnown,
  session,
  grant,
}: Context): "stranger" | "guest" | "account" | "bot" {
  if (entry !== "person" || !isKnown) return "stranger";
  if (grant) return "bot";
  return session === null ? "guest" : "account";
}

function ticketOf(context: Context, { sockets }: UpgradeDeps): Ticket | Refusal {
  const { strings } = sockets;
  const room = roomName(context.params["room"] ?? "");
  if (room === null) return new Refusal("noSuchRoom");
  if (context.entry === "refused") return new Refusal("crossSiteSocket");
  const { grant } = context;
  if (grant && !allows(grant, "read")) return new Refusal("tokenScope", { scope: "read" });
  const isOwn = context.entry === "person" && context.isKnown;
  const { id, name: own } = isOwn ? context.person : context.sessions.newGuest();
  const { searchParams } = context.url;
  const name = nameOf(searchParams.get("name"), own);
  if (name instanceof Refusal) return name;
  const json = protocolOf(context.request.headers.get("sec-websocket-protocol"));
  if (json instanceof Refusal) return json;
  const recent = recentOf(searchParams.get("history"), json);
  if (recent instanceof Refusal) return recent;
  return {
    room: strings.of(room),
    person: id,
    name,
    json,
    cursor: json ? cursorOf(searchParams) : null,
    recent,
    network: strings.of(context.network),
    key: null,
    inbox: json ? inboxOf(searchParams.get("inbox")) : null,
    session: isOwn ? context.session : null,
    language: context.language,
    base: strings.of(context.baseUrl),
  };
}

/** The checks that query the database, for addresses with a name or a password. */
async function check(
  ticket: Ticket,
  { person: { role }, url: { searchParams } }: Context,
  { records, chat }: UpgradeDeps,
): Promise<Ticket | Refusal> {
  const { person: id, name, room, session, network } = ticket;
  if (searchParams.has("name")) {
    const person = { id, role: session === null ? "guest" : role } as const;
    const refusal = await refuseName(records, name, person);
    if (refusal) return refusal;
  }
  const password = searchParams.get("password");
  if (password === null) return ticket;
  const { kind } = await chat.moderation.accessLookup.rules(room);
  if (kind !== "password") return ticket;
  const key = await chat.moderation.rooms.unlock(room, password, network);
  return key instanceof Refusal ? key : { ...ticket, key };
}

function nameOf(asked: string | null, known: string): string | Refusal {
  return asked === null || asked === "" ? known : personName(asked);
}

/**
 * True for `chat.v1`, false if no subprotocol is offered. A client that offers only others is meant
 * for another server.
 */
function protocolOf(offered: string | null): boolean | Refusal {
  if (offered === null) return false;
  if (offered.split(",").some((protocol) => protocol.trim() === PROTOCOL)) return true;
  return new Refusal("onlyProtocol", { protocol: PROTOCOL });
}

function recentOf(asked: string | null, json: boolean): number | Refusal {
  if (asked === null) return json ? WELCOME_MESSAGES : 0;
  if (/^\d{1,3}$/.test(asked) && Number(asked) <= HISTORY_LIMIT) return Number(asked);
  return new Refusal("range", { name: "history", least: 0, most: HISTORY_LIMIT });
}

/** An invalid cursor is ignored: the client starts afresh. */
function cursorOf(query: URLSearchParams): Cursor | null {
  const epoch = query.get("epoch");
  const after = Number(query.get("after") ?? Number.NaN);
  return epoch !== null && Number.isSafeInteger(after) && after >= 0 ? { epoch, after } : null;
}

/** An invalid version counts as 0. */
function inboxOf(asked: string | null): number | null {
  if (asked === null) return null;
  return /^\d{1,15}$/.test(asked) ? Number(asked) : 0;
}
