/** What can be answered instead of what was asked. The wire's codes: a client may switch on them. */
export type ErrorCode =
  | "invalid"
  | "too_long"
  | "too_fast"
  | "not_allowed"
  | "muted"
  | "not_found"
  | "too_many"
  | "internal";

/**
 * "No, because": a value that is returned, never thrown. `message` is plain English for a person
 * and never holds the text of an unknown fault. Each edge (socket, page, API) maps it once.
 */
export class Refusal {
  constructor(
    readonly code: ErrorCode,
    readonly message: string,
    /** Milliseconds until the same request may succeed; only with `too_fast` and `muted`. */
    readonly retryAfterMs?: number,
  ) {}
}
