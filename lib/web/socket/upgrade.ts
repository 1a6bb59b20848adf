import type { Server } from "bun";
import type { Config } from "../../model/config.ts";
import { Refusal } from "../../model/base/errors.ts";
import { PROTOCOL } from "../../model/wire/frame.ts";
import { HISTORY_LIMIT, WELCOME_MESSAGES } from "../../model/wire/limits.ts";
import { personName } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { roomName } from "../../model/rooms/room.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Cursor } from "../../chat/live/join.ts";
import { refuseName } from "../../chat/accounts/names.ts";
import { Connection, type Ticket } from "./connection.ts";
import { publicUrl } from "../http/public-url.ts";
import { languageOf } from "../http/languages.ts";
import { entryOf } from "../http/origin.ts";
import { refusalResponse } from "../http/response.ts";
import type { Sessions } from "../identity/session.ts";
import type { Sockets } from "./sockets.ts";

export interface UpgradeDeps {
  readonly records: Records;
  readonly chat: Pick<Chat, "limits" | "moderation">;
  readonly config: Config;
  readonly sessions: Sessions;
  readonly sockets: Sockets;
  readonly now: () => number;
}

/** Makes a request for `/ws/:room/` a socket (then undefined), or says why not. */
export async function upgrade(
  request: Request,
  server: Server<Connection>,
  rawRoom: string,
  deps: UpgradeDeps,
): Promise<Response | undefined> {
  const asked = ticketOf(request, server, rawRoom, deps);
  const { searchParams } = new URL(request.url);
  const isPlain = !searchParams.has("name") && !searchParams.has("password");
  const ticket = isPlain || asked instanceof Refusal ? asked : await check(asked, request, deps);
  if (ticket instanceof Refusal) return refusalResponse(ticket);
  const noisy = deps.sockets.frameLimits.refuseOpen(ticket.network);
  if (noisy) return refusalResponse(noisy);
  if (!deps.sockets.places.admit(ticket.network)) {
    return refusalResponse(new Refusal("socketLimit"));
  }
  const headers = ticket.json ? { "sec-websocket-protocol": PROTOCOL } : {};
  const data = new Connection(ticket, server, deps.now);
  if (server.upgrade(request, { data, headers })) return undefined;
  deps.sockets.places.release(ticket.network);
  return refusalResponse(new Refusal("isSocket"));
}

function ticketOf(
  request: Request,
  server: Server<Connection>,
  rawRoom: string,
  { config, sessions, sockets }: UpgradeDeps,
): Ticket | Refusal {
  const { strings } = sockets;
  const room = roomName(rawRoom);
  if (room === null) return new Refusal("noSuchRoom");
  const { headers } = request;
  const peer = server.requestIP(request)?.address ?? "";
  const entry = entryOf(
    headers.get("origin"),
    headers.get("host"),
    config.origins,
    sessions.isKnown(headers),
  );
  if (entry === "refused") return new Refusal("crossSiteSocket");
  const { searchParams } = new URL(request.url);
  const known = entry === "person" ? sessions.read(headers) : null;
  const { id, role, name: own } = known ?? sessions.newGuest();
  const name = nameOf(searchParams.get("name"), own);
  if (name instanceof Refusal) return name;
  const json = protocolOf(headers.get("sec-websocket-protocol"));
  if (json instanceof Refusal) return json;
  const recent = recentOf(searchParams.get("history"), json);
  if (recent instanceof Refusal) return recent;
  return {
    room: strings.of(room),
    person: { id, name, role },
    owned: role === "guest" ? "" : own,
    json,
    cursor: cursorOf(searchParams),
    recent,
    network: strings.of(sessions.network(headers)),
    key: null,
    session: known ? sessions.session(headers) : null,
    language: languageOf(headers),
    base: strings.of(publicUrl(request, peer, config)),
  };
}

/** What takes a look into the database, where the address has a name or a password in it. */
async function check(
  ticket: Ticket,
  request: Request,
  { records, chat }: UpgradeDeps,
): Promise<Ticket | Refusal> {
  const { person, room, network: from } = ticket;
  const refusal = await refuseName(records, person.name, person);
  if (refusal) return refusal;
  const password = new URL(request.url).searchParams.get("password");
  if (password === null) return ticket;
  const slow = chat.limits.authAttempts.consume(from);
  if (slow) return slow;
  const key = await chat.moderation.rooms.unlock(room, password);
  return key instanceof Refusal ? key : { ...ticket, key };
}

function nameOf(asked: string | null, known: string): string | Refusal {
  return asked === null || asked === "" ? known : personName(asked);
}

/** True for `chat.v1`, false where none is offered. A client that offers only others means another server. */
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

/** A cursor that makes no sense is none: its client starts afresh. */
function cursorOf(query: URLSearchParams): Cursor | null {
  const epoch = query.get("epoch");
  const after = Number(query.get("after") ?? Number.NaN);
  return epoch !== null && Number.isSafeInteger(after) && after >= 0 ? { epoch, after } : null;
}
