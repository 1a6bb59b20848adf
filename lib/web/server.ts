import type { Server } from "bun";
import type { Chat } from "../chat/chat.ts";
import type { ConnectionDirectory } from "../chat/moderation/finder.ts";
import type { Config } from "../model/config.ts";
import type { Files } from "../model/files/files.ts";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import type { Samples } from "../ops/samples.ts";
import type { Sockets } from "./socket/sockets.ts";
import { Refusal } from "../model/base/errors.ts";
import type { Observer } from "../model/base/observer.ts";
import { addAccounts } from "./pages/accounts.ts";
import { addAdmin } from "./admin/admin.ts";
import { addApi } from "./api/api.ts";
import type { Connection } from "./socket/connection.ts";
import { BODY_LIMIT, bounded, FORM_EXTRA, isForm, lengthOf } from "./http/body.ts";
import { addEvents } from "./api/events.ts";
import { addFiles } from "./api/files.ts";
import { addHooks } from "./api/hooks.ts";
import { addInvites } from "./pages/invites.ts";
import { errorPage } from "./pages/pages.ts";
import { authenticate } from "./identity/authenticate.ts";
import { refusalResponse } from "./http/response.ts";
import { Router } from "./http/router.ts";
import type { Sessions } from "./identity/session.ts";
import { addUploads } from "./api/uploads.ts";
import { upgrade } from "./socket/upgrade.ts";
import { addVisits, visitOf } from "./pages/visits.ts";

export interface WebDeps {
  readonly config: Config;
  readonly chat: Chat;
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  readonly sessions: Sessions;
  readonly sockets: Sockets;
  readonly directory: ConnectionDirectory;
  readonly samples: Samples;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
  /** Whether this node should be sent new visitors; it drains where not. */
  readonly isReady: () => boolean;
  /** Prometheus text. */
  readonly metrics: () => string;
}

/** Where files come in. */
const UPLOADS = /^\/(?:api\/v1\/rooms\/[^/]+\/files|rooms\/[^/]+|hooks\/[^/]+)$/;
/** Every body's length is looked at here, not by Bun, which could not say why it is too long. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** What stays open once it is answered: a node that drains opens none of these. */
const LASTING = /^\/(?:ws\/.*|api\/v1\/rooms\/[^/]+\/events)$/;

/** Starts to listen: the only `Bun.serve`. Throws where the address cannot be had. */
export function serve(deps: WebDeps): Server<Connection> {
  const { config, observer } = deps;
  let server: Server<Connection>;
  const router = routes(deps, () => server);
  server = Bun.serve<Connection>({
    port: config.port,
    hostname: config.host,
    maxRequestBodySize: NO_LIMIT,
    ...(config.tlsCert !== null && config.tlsKey !== null
      ? { tls: { cert: Bun.file(config.tlsCert), key: Bun.file(config.tlsKey) } }
      : {}),
    websocket: deps.sockets.handler(),
    async fetch(received) {
      const path = pathBelow(config.basePath, received.url);
      if (path === null) return notFound();
      if (path === "") return toBase(config.basePath);
      if (LASTING.test(path) && !deps.isReady()) return draining();
      const peer = server.requestIP(received)?.address ?? "";
      const isUpload = UPLOADS.test(path) && (path.startsWith("/api/") || isForm(received));
      const most = isUpload ? config.upload + FORM_EXTRA : BODY_LIMIT;
      // It takes as long as its size is worth: `patiently` ends what does not go on.
      if (isUpload) server.timeout(received, 0);
      // Without a length nothing is taken in where files come in; elsewhere it is counted.
      const isRead = received.body !== null && !(isUpload && lengthOf(received) === null);
      const request = isRead ? await bounded(received, most) : received;
      if (!request) return refusalResponse(tooLong(isUpload ? config.upload : most));
      await authenticate(request, peer, deps);
      const answer = await router.handle(request, path);
      return answer === null ? nothingAt(request, path, deps.sessions) : answer;
    },
    error(fault) {
      const id = crypto.randomUUID();
      observer.log("error", "request failed", { id, fault: fault.stack ?? fault.message });
      return refusalResponse(new Refusal("internalFault", { id }));
    },
  });
  return server;
}

function routes(deps: WebDeps, server: () => Server<Connection>): Router {
  const router = new Router()
    .on("GET", "/ws/:room", (request, { room = "" }) => upgrade(request, server(), room, deps))
    .on("GET", "/ws/:room/", (request, { room = "" }) => upgrade(request, server(), room, deps))
    .on("GET", "/healthz", () => plain("ok"))
    .on("GET", "/readyz", () => (deps.isReady() ? plain("ok") : draining()))
    .on("GET", "/metrics", () => plain(deps.metrics()));
  addApi(router, deps);
  addEvents(router, server, deps);
  addHooks(router, deps);
  addUploads(router, deps);
  addFiles(router, server, deps);
  addVisits(router, deps);
  addAccounts(router, deps);
  addInvites(router, deps);
  addAdmin(router, deps);
  return router;
}

/**
 * The path of an address below the base path, with its first slash; empty for the base path without
 * its last slash, null where it is not below it.
 */
function pathBelow(base: string, url: string): string | null {
  // No address at all: what a client writes into `Host` is part of it.
  const pathname = URL.parse(url)?.pathname ?? null;
  if (base === "" || pathname === null) return pathname;
  if (pathname === base) return "";
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : null;
}

function tooLong(most: number): Refusal {
  return new Refusal("bodyTooLong", { size: most / 1024 });
}

function plain(text: string, status = 200): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(text.endsWith("\n") ? text : `${text}\n`, { status, headers });
}

/** There are other nodes, or this one is back in a moment. */
function draining(): Response {
  const response = plain("draining", 503);
  response.headers.set("retry-after", "1");
  return response;
}

/** Relative, since a proxy may have put more before it. */
function toBase(base: string): Response {
  const location = `./${base.slice(base.lastIndexOf("/") + 1)}/`;
  return new Response(null, { status: 308, headers: { location } });
}

/** A page for a person, JSON for a program. */
function nothingAt(request: Request, path: string, sessions: Sessions): Response {
  if (!request.headers.get("accept")?.includes("text/html")) return notFound();
  const root = "../".repeat(path.split("/").length - 2);
  return errorPage(visitOf(request, root === "" ? "./" : root, sessions), 404);
}

function notFound(): Response {
  return refusalResponse(new Refusal("noSuchAddress"));
}
