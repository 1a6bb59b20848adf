import type { ErrorCode, Refusal } from "../../model/base/errors.ts";
import { FALLBACK, type Language } from "../../model/text/locale.ts";
import { translate } from "./translate.ts";

/** The one place where a code becomes an HTTP status. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  too_long: 413,
  too_fast: 429,
  not_allowed: 403,
  muted: 403,
  not_found: 404,
  too_many: 429,
  internal: 500,
};

export function statusOf(refusal: Refusal): number {
  return STATUS[refusal.code];
}

/** `{"error":{"code","message"}}` with the matching status; in English, unless a page asks. */
export function refusalResponse(refusal: Refusal, language: Language = FALLBACK): Response {
  const { code, retryAfterMs } = refusal;
  const message = translate(refusal, language);
  const headers = new Headers({ "cache-control": "no-store" });
  if (retryAfterMs !== undefined) headers.set("retry-after", `${Math.ceil(retryAfterMs / 1000)}`);
  return Response.json({ error: { code, message } }, { status: statusOf(refusal), headers });
}

/** On to another address, relative to this one, with GET: what answers a form. */
export function seeOther(location: string, ...cookies: readonly string[]): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}
