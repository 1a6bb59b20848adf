import type { ErrorCode, Refusal, RefusalKey } from "../../model/base/errors.ts";
import { FALLBACK, type Language } from "../../model/text/locale.ts";
import { translate } from "./translate.ts";

/** The HTTP status of each code. */
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
/** Reasons with an HTTP status of their own. */
const OWN_STATUS: Partial<Record<RefusalKey, number>> = {
  jsonType: 415,
  lengthRequired: 411,
  methodNotAllowed: 405,
  rangeNotSatisfiable: 416,
  restarting: 503,
  tokenVoid: 401,
};

export function statusOf(refusal: Refusal): number {
  return OWN_STATUS[refusal.key] ?? STATUS[refusal.code];
}

/** `{"error":{"code","message"}}` with the matching status. */
export function refusalResponse(refusal: Refusal, language: Language = FALLBACK): Response {
  const message = translate(refusal, language);
  const error = { code: refusal.code, message };
  const headers = refusalHeaders(refusal);
  return Response.json({ error }, { status: statusOf(refusal), headers });
}

/** The headers of a refusal, whatever its form. */
export function refusalHeaders({ key, retryAfterMs }: Refusal): Headers {
  const headers = new Headers({ "cache-control": "no-store" });
  // RFC 6750, section 3.
  if (key === "tokenVoid") headers.set("www-authenticate", 'Bearer error="invalid_token"');
  if (retryAfterMs !== undefined) headers.set("retry-after", `${Math.ceil(retryAfterMs / 1000)}`);
  return headers;
}

/** Redirects to another address, relative to this one, with GET, in answer to a form. */
export function seeOther(location: string, ...cookies: readonly string[]): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}
