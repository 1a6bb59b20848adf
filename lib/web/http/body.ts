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

/** The most bytes that a request's body takes in memory. */
export function bytesOf(request: Request, { bytes, isUpload }: LongestBody): number {
  if (request.body === null) return 0;
  // An upload without a declared length is refused unread.
  return lengthOf(request) ?? (isUpload ? 0 : bytes);
}

/**
 * The request with a body of at most `limit` bytes, or null if it has more. A body without a
 * declared length is read here.
 */
export async function bounded(request: Request, limit: number): Promise<Request | null> {
  const length = lengthOf(request);
  if (length !== null) return length <= limit ? request : null;
  if (request.body === null) return request;
  const deps: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body) {
    size += part.length;
    if (size > limit) return null;
    deps.push(part);
  }
  const { url, method, headers } = request;
  return new Request(url, { method, headers, body: Buffer.concat(deps) });
}

/** The same bytes as a stream. */
export function streamOf(content: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await content.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await content.return(undefined)),
  });
}

/** A body ended early, through its sender's fault. */
export class BrokenOff extends Error {}

/**
 * The bytes of an upload as they arrive. Throws `BrokenOff` if the sender disconnects, is silent
 * for half a minute, or takes too long for the size. The server's own timeout does not count
 * incoming bytes, and is off.
 */
export async function* patiently(
  body: ReadableStream<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const until = performance.now() + patience(size);
  let timer: Timer | undefined;
  try {
    for (;;) {
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const wait = Math.min(SILENCE_MS, until - performance.now());
      timer = setTimeout(() => reject(new Error("the upload is too slow")), wait);
      const { done, value } = await Promise.race([reader.read(), silence]).catch(brokenOff);
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
