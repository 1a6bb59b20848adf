import { inRange } from "../../model/base/address.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Config } from "../../model/config.ts";
import type { Context } from "./context.ts";
import type { Route } from "./router.ts";

export interface ProbeDeps {
  readonly config: Config;
  /** Whether this node should be sent new visitors; it drains where not. */
  readonly isReady: () => boolean;
  /** Prometheus text. */
  readonly metrics: () => string;
}

/** There are other nodes, or this one is back in a moment. */
export const RESTARTING = new Refusal("restarting", {}, 1_000);
const LOOPBACK = ["127.0.0.0/8", "::1"];

/** What balancers and monitoring ask. None of it reads the database. */
export function probeRoutes({ config, isReady, metrics }: ProbeDeps): readonly Route[] {
  const probe = { method: "GET", limit: "none", identity: false } as const;
  return [
    { ...probe, path: "/healthz", handle: () => plain("ok") },
    { ...probe, path: "/readyz", handle: () => (isReady() ? plain("ok") : RESTARTING) },
    {
      ...probe,
      path: "/metrics",
      handle: (context) =>
        mayReadMetrics(context, config) ? plain(metrics()) : new Refusal("metricsClosed"),
    },
  ];
}

/** This machine and trusted proxies' networks may, and whoever brings the token. */
function mayReadMetrics({ request, peer, address }: Context, config: Config): boolean {
  const { headers } = request;
  if (config.metricsToken !== null) {
    const given = Buffer.from(headers.get("authorization") ?? "");
    const bearer = `Bearer ${config.metricsToken}`;
    const expected = Buffer.from(bearer);
    if (given.length === expected.length && crypto.timingSafeEqual(given, expected)) return true;
  }
  const isIn = (ranges: readonly string[], where: string) =>
    ranges.some((range) => inRange(where, range));
  // A proxy on this machine that is not trusted passes on requests of anyone.
  const isForwarded = headers.has("x-forwarded-for") || headers.has("forwarded");
  if (isForwarded && !isIn(config.trustProxy, peer)) return false;
  return isIn([...LOOPBACK, ...config.trustProxy], address);
}

function plain(text: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(text.endsWith("\n") ? text : `${text}\n`, { headers });
}
