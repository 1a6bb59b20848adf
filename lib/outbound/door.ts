import { lookup } from "node:dns/promises";
import { inRange, isRange } from "../model/base/address.ts";
import { isPublicAddress } from "../model/base/public-address.ts";

/** For one request with all its redirects. */
const TIMEOUT_MS = 5_000;
/** Bytes of an answer that are read; the rest is left. */
const ANSWER_LIMIT = 64 * 1024;
/** Addresses of one host that are tried when a connection cannot be made. */
const MOST_TRIED = 2;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that are not for another origin stay behind when a redirect leads there. */
const PORTABLE = new Set(["accept", "content-type"]);
/** No byte of the request was sent. */
const NOT_CONNECTED = new Set(["ConnectionRefused", "FailedToOpenSocket", "ECONNREFUSED"]);

export interface OutgoingRequest {
  readonly method: "GET" | "POST";
  /** `http:` or `https:`, without a user or a password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Redirects that are followed, 0 to 3. One more is the answer. */
  readonly redirects: number;
}

export interface IncomingAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** At most 64 KiB, as sent. */
  readonly body: Uint8Array;
}

/** Why there is no answer. `isRefused`: the address may not be reached, now or later. */
export class SendFailure {
  constructor(
    readonly reason: string,
    readonly isRefused: boolean,
  ) {}
}

export interface DoorDeps {
  /** Address ranges, addresses and host names that may be reached although they are not public. */
  readonly allowed: readonly string[];
  readonly userAgent: string;
  /** Certificates that are trusted instead of the system's, as PEM. */
  readonly ca?: string;
  /** All addresses of a host name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly timeoutMs?: number;
}

async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/**
 * The only way by which the program makes requests of its own. A host is resolved once for each
 * request and each redirect; if any of its addresses is not public, and neither it nor the host is
 * allowed, nothing is sent. The connection is made to the address that was checked. It never goes
 * through a proxy, carries no cookies, and is not used again.
 */
export class Door {
  readonly #resolve: (host: string) => Promise<readonly string[]>;

  constructor(readonly deps: DoorDeps) {
    this.#resolve = deps.resolve ?? systemResolve;
  }

  /** Never rejects. */
  async send(request: OutgoingRequest): Promise<IncomingAnswer | SendFailure> {
    const signal = AbortSignal.timeout(this.deps.timeoutMs ?? TIMEOUT_MS);
    let next = request;
    for (;;) {
      const url = URL.parse(next.url);
      const answer = url
        ? await this.#sendOnce(next, url, signal)
        : new SendFailure("not an address", true);
      if (answer instanceof SendFailure || !url) return answer;
      const target = REDIRECTS.has(answer.status) ? answer.headers.get("location") : null;
      if (target === null || next.redirects === 0) return answer;
      const redirected = redirect(next, url, target, answer.status);
      if (redirected instanceof SendFailure) return redirected;
      next = redirected;
    }
  }

  async #sendOnce(
    request: OutgoingRequest,
    url: URL,
    signal: AbortSignal,
  ): Promise<IncomingAnswer | SendFailure> {
    const addresses = await this.#addressesOf(url, signal);
    if (addresses instanceof SendFailure) return addresses;
    let failure = new SendFailure("the host has no address", false);
    for (const address of addresses.slice(0, MOST_TRIED)) {
      try {
        return await this.#fetch(request, url, address, signal);
      } catch (fault) {
        failure = new SendFailure(reasonOf(fault), false);
        if (!NOT_CONNECTED.has(codeOf(fault))) break;
      }
    }
    return failure;
  }

  /** The addresses of the URL's host, once all of them may be reached. */
  async #addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[] | SendFailure> {
    if (!/^https?:$/.test(url.protocol)) return new SendFailure("not http or https", true);
    if (url.username + url.password !== "") return new SendFailure("has a password", true);
    const host = hostOf(url);
    let addresses: readonly string[];
    try {
      addresses = isRange(host) ? [host] : await within(this.#resolve(host), signal);
    } catch (fault) {
      return new SendFailure(reasonOf(fault), false);
    }
    const refused = addresses.find((address) => !this.#mayReach(host, address));
    if (refused === undefined) return addresses;
    return new SendFailure(`${refused} is not a public address`, true);
  }

  #mayReach(host: string, address: string): boolean {
    const isAllowed = (entry: string) =>
      isRange(entry) ? inRange(address, entry) : entry.toLowerCase() === host;
    return isPublicAddress(address) || this.deps.allowed.some(isAllowed);
  }

  async #fetch(
    { method, headers, body }: OutgoingRequest,
    url: URL,
    address: string,
    signal: AbortSignal,
  ): Promise<IncomingAnswer> {
    const pinned = new URL(url);
    pinned.hostname = address.includes(":") ? `[${address}]` : address;
    const { userAgent, ca } = this.deps;
    const host = hostOf(url);
    const tls = { ...(isRange(host) ? {} : { serverName: host }), ...(ca ? { ca } : {}) };
    const response = await fetch(pinned, {
      method,
      headers: { ...headers, host: url.host, "user-agent": userAgent },
      ...(body === undefined ? {} : { body }),
      ...{ signal, tls, redirect: "manual", proxy: false },
      // Otherwise 64 KiB could become any number of bytes.
      ...{ keepalive: false, decompress: false },
    });
    return { status: response.status, headers: response.headers, body: await readSome(response) };
  }
}

/** Lower case, without brackets and a final dot. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function redirect(
  request: OutgoingRequest,
  from: URL,
  location: string,
  status: number,
): OutgoingRequest | SendFailure {
  const to = URL.parse(location, from.href);
  if (!to) return new SendFailure("redirected to no address", true);
  if (from.protocol === "https:" && to.protocol !== "https:") {
    return new SendFailure("redirected from https to http", true);
  }
  const { method, headers, body } = request;
  const isSame = to.origin === from.origin;
  const kept = Object.entries(headers).filter(
    ([name]) => isSame || PORTABLE.has(name.toLowerCase()),
  );
  const next = {
    url: to.href,
    headers: Object.fromEntries(kept),
    redirects: request.redirects - 1,
  };
  if (status !== 307 && status !== 308) return { ...next, method: "GET" };
  return { ...next, method, ...(body === undefined ? {} : { body }) };
}

async function readSome(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader && size < ANSWER_LIMIT) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
  }
  await reader?.cancel();
  return Buffer.concat(chunks).subarray(0, ANSWER_LIMIT);
}

/** Rejects when the time is over; what was asked for may go on. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function codeOf(fault: unknown): string {
  return fault instanceof Error && "code" in fault ? String(fault.code) : "";
}

function reasonOf(fault: unknown): string {
  const code = codeOf(fault);
  if (fault instanceof DOMException) return fault.name;
  return code === "" ? String(fault) : code;
}
