import { type Config, ConfigError } from "../model/config.ts";
import { handlerMetrics } from "../ops/handler-metrics.ts";
import type { Metrics } from "../ops/metrics.ts";
import { SAMPLE_MS, Samples } from "../ops/samples.ts";
import { serve, type WebDeps } from "./server.ts";

export interface OpenWebDeps extends Omit<WebDeps, "samples" | "isReady" | "metrics"> {
  readonly metrics: Metrics;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
}

/** The listening server. */
export interface Web {
  /** An address that opens on this machine: the base path, with its trailing slash. */
  readonly url: string;
  /** Finishes open requests, closes every socket with 4001, and stops listening. */
  stop(): Promise<void>;
}

/** The longest that `stop` waits for open requests. */
const LAST_ANSWERS_MS = 1_000;

/** Starts listening. Throws if the address is not available. */
export function openWeb(deps: OpenWebDeps): Web {
  const { config, metrics, sockets, chat, observer } = deps;
  let isReady = true;
  const gauges = () => ({
    sockets: sockets.count,
    people: chat.live.board.count,
    rooms: chat.live.hub.rooms,
  });
  const totals = () => {
    const { count, ms } = metrics.sum("commit");
    return { events: metrics.value("events"), commits: count, commitMs: ms };
  };
  const samples = new Samples(totals, gauges, deps.elapsed);
  if (config.url === null && config.origins.length > 0) {
    const hosts = "those of --origin, localhost and IP addresses";
    observer.log("warn", "no --url: other hosts are refused", { hosts });
  }
  const server = serve({
    ...deps,
    samples,
    isReady: () => isReady,
    metrics: () => metrics.text(gauges()) + handlerMetrics(chat.messages.handlers.list()),
  });
  const sampling = setInterval(() => samples.sample(), SAMPLE_MS);

  return {
    url: addressOf(config, server.port ?? config.port),
    async stop() {
      // Requests are still answered while sockets close: a balancer sees that the node is not
      // ready, and no connection is refused.
      isReady = false;
      await chat.drain();
      await sockets.closeAll();
      await Promise.race([server.stop(), Bun.sleep(LAST_ANSWERS_MS)]);
      // Sockets that were opening when it began.
      await sockets.closeAll();
      await chat.drain();
      await server.stop(true);
      clearInterval(sampling);
    },
  };
}

/** Rejects if the certificate or its key is missing. */
export async function checkTls({ tlsCert, tlsKey }: Config): Promise<void> {
  const files = { "--tls-cert": tlsCert, "--tls-key": tlsKey };
  for (const [flag, path] of Object.entries(files)) {
    if (path === null || (await Bun.file(path).exists())) continue;
    throw new ConfigError(`${flag}: there is no file ${path}`);
  }
}

/** An address that opens on this machine. */
function addressOf({ host, basePath, tlsCert }: Config, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const bracketed = name.includes(":") ? `[${name}]` : name;
  return `${tlsCert === null ? "http" : "https"}://${bracketed}:${port}${basePath}/`;
}
