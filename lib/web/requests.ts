import type { Server } from "bun";
import { FairScheduler } from "../chat/limits/fair-scheduler.ts";
import { Refusal } from "../model/base/errors.ts";
import type { Observer } from "../model/base/observer.ts";
import { bounded, bytesOf, lengthOf, type LongestBody, longestBody } from "./http/body.ts";
import {
  type Context,
  type ContextDeps,
  createContext,
  identify,
  IDLE_SECONDS,
} from "./http/context.ts";
import { hostCheck } from "./http/hosts.ts";
import { RequestLimits } from "./http/limits.ts";
import { RESTARTING } from "./http/probes.ts";
import { refusalHeaders, refusalResponse } from "./http/response.ts";
import { type Found, type Route, Router } from "./http/router.ts";
import { Sessions } from "./identity/session.ts";
import { errorPage } from "./pages/pages.ts";
import { greet } from "./pages/visits.ts";

export interface RequestDeps extends Omit<ContextDeps, "sessions"> {
  /** Signs the cookies. */
  readonly secret: Uint8Array;
  readonly observer: Observer;
  /** Whether this node should be sent new visitors; it drains where not. */
  readonly isReady: () => boolean;
}

const NO_SUCH_ADDRESS = new Refusal("noSuchAddress");
/** What is below this is for programs. */
const API = "/api/v";
/** HTTPS only, for a year (RFC 6797). Browsers pass it over for IP addresses. */
const HSTS = "max-age=31536000";

/**
 * Answers requests by a table of routes: makes the context of each, checks what its route declares,
 * and writes every refusal.
 */
export class Requests {
  readonly #router: Router;
  readonly #contextDeps: ContextDeps;
  readonly #limits: RequestLimits;
  /** Of pages and forms, which take a few milliseconds each. */
  readonly #turns = new FairScheduler();
  readonly #isKnownHost: (host: string) => boolean;
  /** From the base path without its last slash to the one with it. */
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
    this.#isKnownHost = hostCheck(config);
    this.#toBase = {
      location: `./${config.basePath.slice(config.basePath.lastIndexOf("/") + 1)}/`,
    };
  }

  /** Resolves to undefined where the request has become a socket. Never rejects. */
  async answer(request: Request, server: Server<unknown>): Promise<Response | undefined> {
    // Null for what is no address: what a client writes into `Host` is part of it.
    const url = URL.parse(request.url);
    const path = url && pathBelow(this.deps.config.basePath, url.pathname);
    if (url === null || path === null) return withHeaders(refusalResponse(NO_SUCH_ADDRESS), false);
    const found = path === "" ? this.#toBase : this.#router.find(request.method, path);
    const arrival = {
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

  /** What is wrong with a request that `fault` ended: the log gets the fault, the client its id. */
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
      if (response && route.api) this.#limits.tell(route.limit, context.network, response.headers);
      return response;
    } catch (fault) {
      // The client went away before its body was whole: nobody reads the answer.
      const isGone = isAbort(fault) && request.signal.aborted;
      return refuse(isGone ? new Refusal("uploadBroken") : this.faultOf(fault), context, route);
    }
  }

  async #run(route: Route, arrived: Context): Promise<Response | undefined> {
    // No query means U+0000, and PostgreSQL cannot even look for it.
    if (hasNul(arrived.url.searchParams)) return refuse(new Refusal("textNul"), arrived, route);
    if (route.lasts && !this.deps.isReady()) return refuse(RESTARTING, arrived, route);
    const { request, network } = arrived;
    const slow = this.#limits.consume(route.limit, network);
    if (slow) return refuse(slow, arrived, route);
    const most = longestBody(route, request, this.deps.config.upload);
    const length = lengthOf(request);
    if (length !== null && length > most.bytes) return refuse(tooLong(most), arrived, route);
    const held = most.isStreamed ? null : this.#limits.hold(network, bytesOf(request, most));
    if (held instanceof Refusal) return refuse(held, arrived, route);
    using _ = held;
    // An upload takes as long as its size is worth: `patiently` ends what does not go on.
    if (most.isUpload) arrived.setTimeout(0);
    try {
      // Its handler refuses an upload that does not say its length; elsewhere the bytes are counted.
      const read = most.isUpload ? request : await bounded(request, most.bytes);
      if (read === null) return refuse(tooLong(most), arrived, route);
      const handle = () => this.#handle(route, { ...arrived, request: read });
      const takesTurns = route.limit === "page" || route.limit === "form";
      return takesTurns ? await this.#turns.run(network, handle) : await handle();
    } finally {
      // What was set outlives the answer on a connection that is used again.
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

function tooLong({ bytes }: LongestBody): Refusal {
  return new Refusal("bodyTooLong", { size: Math.floor(bytes / 1024) });
}

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
  if (route?.api || (!route && context.path.startsWith(API))) return refusalResponse(refusal);
  if (!context.request.headers.get("accept")?.includes("text/html")) {
    return refusalResponse(refusal, context.language);
  }
  const page = errorPage(context, refusal);
  for (const [name, value] of refusalHeaders(refusal)) page.headers.set(name, value);
  return page;
}

/** Adds what every response has. */
function withHeaders(response: Response, isSecure: boolean): Response {
  response.headers.set("x-content-type-options", "nosniff");
  if (isSecure) response.headers.set("strict-transport-security", HSTS);
  return response;
}

function isAbort(fault: unknown): boolean {
  return fault instanceof DOMException && fault.name === "AbortError";
}

/** Whether a parameter holds U+0000, which PostgreSQL cannot store. A search (`q`) takes any text. */
function hasNul(query: URLSearchParams): boolean {
  return query.entries().some(([name, value]) => name !== "q" && value.includes("\0"));
}
