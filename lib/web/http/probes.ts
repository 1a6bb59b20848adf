import { inRange } from "../../model/base/address.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Config } from "../../model/config.ts";
import type { Context } from "./context.ts";
import type { Route } from "./router.ts";

export interface ProbeDeps {
  readonly config: Config;
  /** Whether this node accepts new visitors; false while it shuts down. */
  readonly isReady: () => boolean;
  /** Prometheus text. */
  readonly metrics: () => string;
}

/** Other nodes are available, or this one is back in a moment. */
export const RESTARTING = new Refusal("restarting", {}, 1_000);
const LOOPBACK = ["127.0.0.0/8", "::1"];

/** Probes for balancers and monitoring. None of them reads the database. */
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

/** Allowed for this machine, for trusted proxies' networks, and with the token. */
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
  // An untrusted proxy on this machine forwards anyone's requests.
  const isForwarded = headers.has("x-forwarded-for") || headers.has("forwarded");
  if (isForwarded && !isIn(config.trustProxy, peer)) return false;
  return isIn([...LOOPBACK, ...config.trustProxy], address);
}

function plain(text: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(text.endsWith("\n") ? text : `${text}\n`, { headers });
}
