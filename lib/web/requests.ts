import type { Server } from "bun";
import { FairScheduler } from "../chat/limits/fair-scheduler.ts";
import { Refusal } from "../model/base/errors.ts";
import type { Observer } from "../model/base/observer.ts";
import { BrokenOff, longestBody, withWholeBody } from "./http/body.ts";
import {
  type Context,
  type ContextDeps,
  createContext,
  identify,
  IDLE_SECONDS,
} from "./http/context.ts";
import { hostCheck } from "./http/hosts.ts";
import { BodyMemory, RequestLimits } from "./http/limits.ts";
import { RESTARTING } from "./http/probes.ts";
import { refusalHeaders, refusalResponse } from "./http/response.ts";
import { type Found, type Route, Router } from "./http/router.ts";
import { Sessions } from "./identity/session.ts";
import { errorPage } from "./pages/pages.ts";
import { greet } from "./pages/visits.ts";

export interface RequestDeps extends Omit<ContextDeps, "sessions"> {
  /** The key that signs cookies. */
  readonly secret: Uint8Array;
  readonly observer: Observer;
  /** Whether this node accepts new visitors; false while it shuts down. */
  readonly isReady: () => boolean;
}

const NO_SUCH_ADDRESS = new Refusal("noSuchAddress");
/** Paths that begin with this belong to the HTTP API. */
const API = "/api/v";
/** HTTPS only, for a year (RFC 6797). Browsers ignore it for IP addresses. */
const HSTS = "max-age=31536000";

/**
 * Answers requests from a table of routes: creates their context, checks what the route declares,
 * and writes every refusal.
 */
export class Requests {
  readonly #router: Router;
  readonly #contextDeps: ContextDeps;
  readonly #limits: RequestLimits;
  readonly #bodies: BodyMemory;
  /** For pages and forms, which take a few milliseconds each. */
  readonly #turns = new FairScheduler();
  readonly #isKnownHost: (host: string) => boolean;
  /** Redirects the base path without its trailing slash. */
  readonly #toBase: Found;

  constructor(
    routes: readonly Route[],
    readonly deps: RequestDeps,
  ) {
    const { config, secret, now } = deps;
    this.#router = new Router(routes);
    const sessions = { secure: new Sessions(secret, true), plain: new Sessions(secret, false) };
    this.#contextDeps = { ...deps, sessions };
    this.#limits = new RequestLimits(config.limits, now);
    this.#bodies = new BodyMemory(config.limits);
    this.#isKnownHost = hostCheck(config);
    this.#toBase = {
      location: `./${config.basePath.slice(config.basePath.lastIndexOf("/") + 1)}/`,
    };
  }

  /** Resolves to undefined if the request became a socket. Never rejects. */
  async answer(request: Request, server: Server<unknown>): Promise<Response | undefined> {
    // Null if invalid: the URL includes the client's `Host` header.
    const url = URL.parse(request.url);
    const path = url && pathBelow(this.deps.config.basePath, url.pathname);
    if (url === null || path === null) return withHeaders(refusalResponse(NO_SUCH_ADDRESS), false);
    const found = path === "" ? this.#toBase : this.#router.find(request.method, path);
    const arrival = {
      server,
      url,
      path,
      params: found && "params" in found ? found.params : {},
      peer: server.requestIP(request)?.address ?? "",
      setTimeout: (seconds: number) => server.timeout(request, seconds),
    };
    const context = createContext(request, arrival, this.#contextDeps);
    const response = await this.#respond(found, context);
    return response && withHeaders(response, context.isSecure);
  }

  /** Logs an unexpected fault, and returns a refusal with its id. */
  faultOf(fault: unknown): Refusal {
    const id = crypto.randomUUID();
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.deps.observer.log("error", "request failed", { id, fault: text });
    return new Refusal("internalFault", { id });
  }

  async #respond(found: Found, context: Context): Promise<Response | undefined> {
    const { request, url } = context;
    if (!this.#isKnownHost(request.headers.get("host") ?? url.host)) {
      return refuse(new Refusal("unknownHost"), context);
    }
    if (found === null || "allow" in found) {
      const slow = this.#limits.consume("read", context.network);
      if (slow) return refuse(slow, context);
    }
    if (found === null) return refuse(NO_SUCH_ADDRESS, context);
    if ("location" in found) return redirect(found.location + url.search);
    if ("allow" in found) {
      const response = refuse(new Refusal("methodNotAllowed"), context);
      response.headers.set("allow", found.allow);
      return response;
    }
    const { route } = found;
    try {
      const response = await this.#run(route, context);
      if (response && route.api)
        this.#limits.report(route.limit, context.network, response.headers);
      return response;
    } catch (fault) {
      // The client disconnected before its body was complete; nobody reads the answer.
      const isGone = fault instanceof BrokenOff || (isAbort(fault) && request.signal.aborted);
      return refuse(isGone ? new Refusal("uploadBroken") : this.faultOf(fault), context, route);
    }
  }

  async #run(route: Route, arrived: Context): Promise<Response | undefined> {
    // No query needs U+0000, and PostgreSQL cannot even search for it.
    if (hasNul(arrived.url.searchParams)) return refuse(new Refusal("textNul"), arrived, route);
    if (route.lasts && !this.deps.isReady()) return refuse(RESTARTING, arrived, route);
    const { request, network } = arrived;
    const slow = this.#limits.consume(route.limit, network);
    if (slow) return refuse(slow, arrived, route);
    const most = longestBody(route, request, this.deps.config.upload);
    // An upload may take as long as its size warrants; `patiently` ends stalled ones.
    if (most.isUpload) arrived.setTimeout(0);
    try {
      using held = this.#bodies.hold(network);
      const whole = most.isStreamed ? request : await withWholeBody(request, most, held);
      if (whole instanceof Refusal) return refuse(whole, arrived, route);
      const handle = () => this.#handle(route, { ...arrived, request: whole });
      // A form with files waits for the disk and for pictures to be decoded: too long for a turn.
      const takesTurns = (route.limit === "page" || route.limit === "form") && !most.isUpload;
      return takesTurns ? await this.#turns.run(network, handle) : await handle();
    } finally {
      // The timeout would otherwise stay for the connection's next request.
      if (most.isUpload) arrived.setTimeout(IDLE_SECONDS);
    }
  }

  async #handle(route: Route, arrived: Context): Promise<Response | undefined> {
    const context =
      route.identity === false
        ? arrived
        : await identify(arrived, route.takesToken === true, this.#contextDeps);
    if (context instanceof Refusal) return refuse(context, arrived, route);
    const answer = await route.handle(context);
    const response = answer instanceof Refusal ? refuse(answer, context, route) : answer;
    return response && route.greets ? greet(response, context) : response;
  }
}

/**
 * The part of a path below the base path, with a leading slash; empty for the base path without its
 * trailing slash, null for a path that is not below it.
 */
function pathBelow(base: string, pathname: string): string | null {
  if (base === "") return pathname;
  if (pathname === base) return "";
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : null;
}

/** `location` is relative, because a proxy may have added a prefix to the path. */
function redirect(location: string): Response {
  return new Response(null, { status: 308, headers: { location } });
}

/** Writes a refusal as a page for people, as JSON for programs. */
function refuse(refusal: Refusal, context: Context, route?: Route): Response {
  if (route?.api || (!route && context.path.startsWith(API))) return refusalResponse(refusal);
  if (!context.request.headers.get("accept")?.includes("text/html")) {
    return refusalResponse(refusal, context.language);
  }
  const page = errorPage(context, refusal);
  for (const [name, value] of refusalHeaders(refusal)) page.headers.set(name, value);
  return page;
}

/** Adds the headers of every response. */
function withHeaders(response: Response, isSecure: boolean): Response {
  response.headers.set("x-content-type-options", "nosniff");
  if (isSecure) response.headers.set("strict-transport-security", HSTS);
  return response;
}

function isAbort(fault: unknown): boolean {
  return fault instanceof DOMException && fault.name === "AbortError";
}

/**
 * Whether a parameter contains U+0000, which PostgreSQL cannot store. A search (`q`) accepts any
 * text.
 */
function hasNul(query: URLSearchParams): boolean {
  return query.entries().some(([name, value]) => name !== "q" && value.includes("\0"));
}
