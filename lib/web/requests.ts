import type { Server } from "bun";
import { Refusal } from "../model/base/errors.ts";
import type { Observer } from "../model/base/observer.ts";
import { BODY_LIMIT, bounded, FORM_EXTRA, isForm, lengthOf } from "./http/body.ts";
import { type Context, type ContextDeps, createContext, identify } from "./http/context.ts";
import { hostCheck } from "./http/hosts.ts";
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
/** HTTPS only, for a year (RFC 6797). Browsers pass it over for IP addresses. */
const HSTS = "max-age=31536000";

/**
 * Answers requests by a table of routes: makes the context of each, checks what its route declares,
 * and writes every refusal.
 */
export class Requests {
  readonly #router: Router;
  readonly #contextDeps: ContextDeps;
  readonly #isKnownHost: (host: string) => boolean;
  /** From the base path without its last slash to the one with it. */
  readonly #toBase: Found;

  constructor(
    routes: readonly Route[],
    readonly deps: RequestDeps,
  ) {
    const { config, secret } = deps;
    this.#router = new Router(routes);
    const sessions = { secure: new Sessions(secret, true), plain: new Sessions(secret, false) };
    this.#contextDeps = { ...deps, sessions };
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
    if (found === null) return refuse(NO_SUCH_ADDRESS, context);
    if ("location" in found) return redirect(found.location + url.search);
    if ("allow" in found) {
      const response = refuse(new Refusal("methodNotAllowed"), context);
      response.headers.set("allow", found.allow);
      return response;
    }
    const { route } = found;
    try {
      return await this.#run(route, context);
    } catch (fault) {
      // The client went away before its body was whole: nobody reads the answer.
      const isGone = isAbort(fault) && request.signal.aborted;
      return refuse(isGone ? new Refusal("uploadBroken") : this.faultOf(fault), context, route);
    }
  }

  async #run(route: Route, arrived: Context): Promise<Response | undefined> {
    if (route.lasts && !this.deps.isReady()) return refuse(RESTARTING, arrived, route);
    const request = await this.#readBody(route, arrived);
    if (request instanceof Refusal) return refuse(request, arrived, route);
    const whole = { ...arrived, request };
    const context = route.identity === false ? whole : await identify(whole, this.#contextDeps);
    const answer = await route.handle(context);
    const response = answer instanceof Refusal ? refuse(answer, context, route) : answer;
    return response && route.greets ? greet(response, context) : response;
  }

  /** The request with a body that is no longer than its route takes. */
  async #readBody(route: Route, { request, setTimeout }: Context): Promise<Request | Refusal> {
    const isUpload = route.upload === "any" || (route.upload === "multipart" && isForm(request));
    // An upload takes as long as its size is worth: `patiently` ends what does not go on.
    if (isUpload) setTimeout(0);
    // Its handler refuses an upload that does not say its length; elsewhere the bytes are counted.
    if (request.body === null || (isUpload && lengthOf(request) === null)) return request;
    const { upload } = this.deps.config;
    const read = await bounded(request, isUpload ? upload + FORM_EXTRA : BODY_LIMIT);
    const most = isUpload ? upload : BODY_LIMIT;
    return read ?? new Refusal("bodyTooLong", { size: most / 1024 });
  }
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
  if (route?.api) return refusalResponse(refusal);
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
