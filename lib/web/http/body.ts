import type { Route } from "./router.ts";

/** Bytes of a JSON body; what brings files has a limit of its own. */
const BODY_LIMIT = 256 * 1024;
/** Bytes of a form without files: 8,000 characters of four bytes each, as a form writes them, and more. */
const FORM_LIMIT = 128 * 1024;
/** Bytes of a form with files: it is in memory while it comes, unlike a file that comes alone. */
const MULTIPART_LIMIT = 31 * 1024 * 1024;
/** What a form with files in it may have beside them. */
export const FORM_EXTRA = 64 * 1024;
/** Silence after which an upload is given up. */
const SILENCE_MS = 30_000;
/** Slower than this, in bytes a second, nobody is waited for; one minute is anyone's. */
const SLOWEST = 16 * 1024;
const LEAST_MS = 60_000;

export function isForm({ headers }: Request): boolean {
  return /^multipart\/form-data\b/i.test(headers.get("content-type") ?? "");
}

/** How long a transfer of so many bytes may take, in milliseconds. */
function patience(size: number): number {
  return LEAST_MS + (size / SLOWEST) * 1000;
}

/** The length a request says its body has; null where it says none. */
export function lengthOf({ headers }: Request): number | null {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** What the body of a request may be. */
export interface LongestBody {
  readonly bytes: number;
  /** It brings files, and may take its time. */
  readonly isUpload: boolean;
  /** It goes to disk as it comes; any other body is in memory. */
  readonly isStreamed: boolean;
}

/** `upload`: bytes of the largest file. */
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

/** Bytes that the body of a request may take in memory. */
export function bytesOf(request: Request, { bytes, isUpload }: LongestBody): number {
  if (request.body === null) return 0;
  // An upload that does not say its length is refused unread.
  return lengthOf(request) ?? (isUpload ? 0 : bytes);
}

/**
 * The request with a body of at most `limit` bytes, or null where it has more. A body that does not
 * say how long it is comes here whole.
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

/** A body did not come to its end: a matter of whoever sent it. */
export class BrokenOff extends Error {}

/**
 * The bytes of an upload as they come. Throws `BrokenOff` where its sender has gone, where nothing
 * comes for half a minute, or where the whole takes too long for its size: the server's own time-out
 * counts no incoming bytes, and is off.
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
