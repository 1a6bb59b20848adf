import { inRange } from "../../model/base/address.ts";
import type { Config } from "../../model/config.ts";

/** The base path as whoever sent the request opens it, with a last slash. */
export function publicUrl(request: Request, peer: string, config: Config): string {
  const { headers } = request;
  const isTrusted = config.trustProxy.some((range) => inRange(peer, range));
  const forwarded = isTrusted ? headers.get("x-forwarded-proto") : null;
  const isSecure = config.tlsCert !== null || forwarded === "https";
  const host = headers.get("host") ?? new URL(request.url).host;
  return `${isSecure ? "https" : "http"}://${host}${config.basePath}/`;
}
