import { Refusal } from "../../model/base/errors.ts";
import type { HeldBody } from "./limits.ts";
import type { Route } from "./router.ts";

/** The most bytes of a JSON body; bodies with files have limits of their own. */
const BODY_LIMIT = 256 * 1024;
/**
 * The most bytes of a form without files: 8,000 form-encoded characters of four bytes, and more.
 */
const FORM_LIMIT = 128 * 1024;
/** The most bytes of a form with files, which is held in memory. */
const MULTIPART_LIMIT = 31 * 1024 * 1024;
/** The most bytes of a form besides its files. */
export const FORM_EXTRA = 64 * 1024;
/** The silence after which an upload is aborted. */
const SILENCE_MS = 30_000;
/** The slowest accepted rate in bytes a second, after the first minute. */
const SLOWEST = 16 * 1024;
const LEAST_MS = 60_000;

export function isForm({ headers }: Request): boolean {
  return /^multipart\/form-data\b/i.test(headers.get("content-type") ?? "");
}

/** The longest that a transfer of `size` bytes may take, in milliseconds. */
function patience(size: number): number {
  return LEAST_MS + (size / SLOWEST) * 1000;
}

/** The length a request declares for its body; null if it declares none. */
export function lengthOf({ headers }: Request): number | null {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** The limits of a request's body. */
export interface LongestBody {
  readonly bytes: number;
  /** Whether it contains files, and so may take longer. */
  readonly isUpload: boolean;
  /** Whether it is written to disk as it arrives; other bodies are held in memory. */
  readonly isStreamed: boolean;
}

/** `upload`: the most bytes of a file. */
export function longestBody(route: Route, request: Request, upload: number): LongestBody {
  const hasFiles = isForm(request);
  if (route.upload === "any" && !hasFiles) {
    return { bytes: upload + FORM_EXTRA, isUpload: true, isStreamed: true };
  }
  if (route.upload !== undefined && hasFiles) {
    const bytes = Math.min(upload, MULTIPART_LIMIT) + FORM_EXTRA;
    return { bytes, isUpload: true, isStreamed: false };
  }
  const bytes = route.limit === "form" ? FORM_LIMIT : BODY_LIMIT;
  return { bytes, isUpload: false, isStreamed: false };
}

/**
 * The request with its whole body in memory, so that no handler waits for the sender. `held` counts
 * the bytes. Rejects as `patiently` does.
 */
export async function withWholeBody(
  request: Request,
  most: LongestBody,
  held: HeldBody,
): Promise<Request | Refusal> {
  const length = lengthOf(request);
  if (length !== null && length > most.bytes) return tooLong(most);
  if (request.body === null) return request;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const part of patiently(request.body, length ?? most.bytes, held.cut)) {
      size += part.length;
      const refusal = size > most.bytes ? tooLong(most) : held.grow(part.length);
      if (refusal) return refusal;
      parts.push(part);
    }
  } catch (fault) {
    if (fault instanceof Refusal) return fault;
    throw fault;
  }
  const { url, method, headers } = request;
  return new Request(url, { method, headers, body: new Blob(parts) });
}

function tooLong({ bytes }: LongestBody): Refusal {
  return new Refusal("bodyTooLong", { size: Math.floor(bytes / 1024) });
}

/** A body ended early, through its sender's fault. */
export class BrokenOff extends Error {}

/**
 * The bytes of a body as they arrive. Throws `BrokenOff` if the sender disconnects, is silent for half
 * a minute, or takes too long for the size; rejects when `ended` does. The server's own timeout does
 * not count incoming bytes, and is off for uploads.
 */
export async function* patiently(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
  ended?: Promise<never>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const until = performance.now() + patience(size);
  let timer: Timer | undefined;
  try {
    for (;;) {
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const wait = Math.min(SILENCE_MS, until - performance.now());
      timer = setTimeout(() => reject(new Error("the upload is too slow")), wait);
      const next = Promise.race([reader.read(), silence]).catch(brokenOff);
      const { done, value } = await (ended ? Promise.race([next, ended]) : next);
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => undefined);
  }
}

function brokenOff(fault: unknown): never {
  throw new BrokenOff(String(fault));
}
