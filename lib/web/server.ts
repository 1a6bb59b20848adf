import type { Server } from "bun";
import { Refusal } from "../model/base/errors.ts";
import type { Observer } from "../model/base/observer.ts";
import type { Chat } from "../chat/chat.ts";
import type { ConnectionDirectory } from "../chat/moderation/finder.ts";
import type { Config } from "../model/config.ts";
import type { Files } from "../model/files/files.ts";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import type { Samples } from "../ops/samples.ts";
import type { Sockets } from "./socket/sockets.ts";
import { adminRoutes } from "./admin/admin.ts";
import { apiRoutes } from "./api/api.ts";
import { eventRoutes } from "./api/events.ts";
import { fileRoutes } from "./api/files.ts";
import { hookRoutes } from "./api/hooks.ts";
import { uploadRoutes } from "./api/uploads.ts";
import { BODY_LIMIT, bounded, FORM_EXTRA, isForm, lengthOf } from "./http/body.ts";
import { type Context, createContext, identify } from "./http/context.ts";
import { hostCheck } from "./http/hosts.ts";
import { type ProbeDeps, probeRoutes, RESTARTING } from "./http/probes.ts";
import { refusalHeaders, refusalResponse } from "./http/response.ts";
import { type Answer, type Route, Router } from "./http/router.ts";
import { Sessions } from "./identity/session.ts";
import { accountRoutes } from "./pages/accounts.ts";
import { inviteRoutes } from "./pages/invites.ts";
import { errorPage } from "./pages/pages.ts";
import { greet, visitRoutes } from "./pages/visits.ts";
import type { Connection } from "./socket/connection.ts";
import { upgradeRoutes } from "./socket/upgrade.ts";

export interface WebDeps extends ProbeDeps {
  readonly config: Config;
  readonly chat: Chat;
  readonly store: Store;
  readonly records: Records;
  readonly files: Files;
  /** Signs the cookies. */
  readonly secret: Uint8Array;
  readonly sockets: Sockets;
  readonly directory: ConnectionDirectory;
  readonly samples: Samples;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Every body's length is looked at here, not by Bun, which could not say why it is too long. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** HTTPS only, for a year (RFC 6797). Browsers pass it over for IP addresses. */
const HSTS = "max-age=31536000";

/** Starts to listen: the only `Bun.serve`. Throws where the address cannot be had. */
export function serve(deps: WebDeps): Server<Connection> {
  const { config, observer } = deps;
  let server: Server<Connection>;
  const router = new Router(routes(deps, () => server));
  const isKnownHost = hostCheck(config);
  const { secret } = deps;
  const sessions = { secure: new Sessions(secret, true), plain: new Sessions(secret, false) };
  const contextDeps = { ...deps, sessions };

  async function answer(received: Request, context: Context, route: Route): Promise<Answer> {
    if (route.lasts && !deps.isReady()) return RESTARTING;
    const isUpload = route.upload === "any" || (route.upload === "multipart" && isForm(received));
    const most = isUpload ? config.upload + FORM_EXTRA : BODY_LIMIT;
    // It takes as long as its size is worth: `patiently` ends what does not go on.
    if (isUpload) context.setTimeout(0);
    // Without a length nothing is taken in where files come in; elsewhere it is counted.
    const isRead = received.body !== null && !(isUpload && lengthOf(received) === null);
    const request = isRead ? await bounded(received, most) : received;
    if (!request)
      return new Refusal("bodyTooLong", { size: (isUpload ? config.upload : most) / 1024 });
    const asked = { ...context, request };
    const known = route.identity === false ? asked : await identify(asked, contextDeps);
    const given = await route.handle(known);
    const response = given instanceof Refusal ? refuse(given, known, route) : given;
    return response && route.greets ? greet(response, known) : response;
  }

  async function fetch(received: Request): Promise<Response | undefined> {
    // No address at all: what a client writes into `Host` is part of it.
    const url = URL.parse(received.url);
    const path = url && pathBelow(config.basePath, url.pathname);
    if (url === null || path === null) return refusalResponse(NO_SUCH_ADDRESS);
    if (path === "")
      return redirect(`./${config.basePath.slice(config.basePath.lastIndexOf("/") + 1)}/`);
    const found = router.find(received.method, path);
    if (found && "location" in found) return redirect(found.location + url.search);
    const arrival = {
      url,
      path,
      params: found && "params" in found ? found.params : {},
      peer: server.requestIP(received)?.address ?? "",
      setTimeout: (seconds: number) => server.timeout(received, seconds),
    };
    const context = createContext(received, arrival, contextDeps);
    const isHost = isKnownHost(received.headers.get("host") ?? url.host);
    if (!isHost) return finish(refuse(new Refusal("unknownHost"), context), context);
    if (found === null) return finish(refuse(NO_SUCH_ADDRESS, context), context);
    if ("allow" in found) {
      const response = refuse(new Refusal("methodNotAllowed"), context);
      response.headers.set("allow", found.allow);
      return finish(response, context);
    }
    try {
      const given = await answer(received, context, found.route);
      return finish(
        given instanceof Refusal ? refuse(given, context, found.route) : given,
        context,
      );
    } catch (fault) {
      // The client has gone, and left a body that never ends. Nobody reads this.
      if (isAbort(fault) && received.signal.aborted) return refuse(BROKEN_OFF, context);
      return finish(refuse(internalFault(fault, observer), context, found.route), context);
    }
  }

  server = Bun.serve<Connection>({
    port: config.port,
    hostname: config.host,
    maxRequestBodySize: NO_LIMIT,
    ...(config.tlsCert !== null && config.tlsKey !== null
      ? { tls: { cert: Bun.file(config.tlsCert), key: Bun.file(config.tlsKey) } }
      : {}),
    websocket: deps.sockets.handler(),
    fetch,
    error: (fault) => refusalResponse(internalFault(fault, observer)),
  });
  return server;
}

function routes(deps: WebDeps, server: () => Server<Connection>): readonly Route[] {
  return [
    ...probeRoutes(deps),
    ...upgradeRoutes(server, deps),
    ...apiRoutes(deps),
    ...eventRoutes(deps),
    ...hookRoutes(deps),
    ...uploadRoutes(deps),
    ...fileRoutes(deps),
    ...visitRoutes(deps),
    ...accountRoutes(deps),
    ...inviteRoutes(deps),
    ...adminRoutes(deps),
  ];
}

const BROKEN_OFF = new Refusal("uploadBroken");
const NO_SUCH_ADDRESS = new Refusal("noSuchAddress");
/**
 * An address's path below the base path, with its first slash; empty for the base path without its
 * last slash, null where it is not below it.
 */
function pathBelow(base: string, pathname: string): string | null {
  if (base === "") return pathname;
  if (pathname === base) return "";
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : null;
}

/** `location` is relative, since a proxy may have put more before the path. */
function redirect(location: string): Response {
  return new Response(null, { status: 308, headers: { location } });
}

/** A refusal as a page for a person, as JSON for a program. */
function refuse(refusal: Refusal, context: Context, route?: Route): Response {
  if (route?.api) return refusalResponse(refusal);
  const { headers } = context.request;
  if (!headers.get("accept")?.includes("text/html")) {
    return refusalResponse(refusal, context.language);
  }
  const page = errorPage(context, refusal);
  for (const [name, value] of refusalHeaders(refusal)) page.headers.set(name, value);
  return page;
}

function isAbort(fault: unknown): boolean {
  return fault instanceof DOMException && fault.name === "AbortError";
}

/** The log gets the fault, the client its id. */
function internalFault(fault: unknown, observer: Observer): Refusal {
  const id = crypto.randomUUID();
  const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
  observer.log("error", "request failed", { id, fault: text });
  return new Refusal("internalFault", { id });
}

/** What holds for every response. */
function finish(response: Response | undefined, { isSecure }: Context): Response | undefined {
  response?.headers.set("x-content-type-options", "nosniff");
  if (isSecure) response?.headers.set("strict-transport-security", HSTS);
  return response;
}
