import { ConfigError } from "../model/config.ts";
import { EVERYWHERE } from "../model/wire/control.ts";
import { readRedisUrl, RespConnection } from "./connection.ts";
import { fieldOf, RespError } from "./resp.ts";

/** The oldest Redis with users and RESP3, and the oldest with sharded channels. */
const OLDEST = 6;
const SHARDED = 7;

export interface RedisServer {
  /** Whether it belongs to a cluster with sharded channels. */
  readonly isSharded: boolean;
}

/**
 * Queries the server of a Redis URL once, at the start, and tries the commands that will be used.
 * Rejects with a `ConfigError`, in one line for the operator, if that fails.
 */
export async function askRedis(url: string, prefix: string): Promise<RedisServer> {
  const redis = readRedisUrl(url);
  if (!redis) throw wrong("must be redis://user:password@host:port");
  const { address, login } = redis;
  const place = `${address.host}:${address.port}`;
  const user = login.user || "default";
  try {
    const { connection, hello } = await RespConnection.open(address, login, SILENT);
    try {
      const version = Number.parseInt(String(fieldOf(hello, "version")), 10);
      const mode = fieldOf(hello, "mode");
      if (version < OLDEST) throw wrong(`Redis ${version} is too old; ${OLDEST} is the oldest`);
      if (mode === "sentinel") throw wrong(`${place} is a Sentinel; name the Redis behind it`);
      const isSharded = mode === "cluster" && version >= SHARDED;
      const [publish, subscribe] = isSharded
        ? ["SPUBLISH", "SSUBSCRIBE"]
        : ["PUBLISH", "SUBSCRIBE"];
      // Permissions are checked first; another master may serve this channel.
      await unlessMoved(connection.call(publish, `${prefix}${EVERYWHERE}`, ""));
      await unlessMoved(connection.call(subscribe, `${prefix}${EVERYWHERE}`));
      return { isSharded };
    } finally {
      connection.close();
    }
  } catch (fault) {
    if (fault instanceof ConfigError) throw fault;
    if (!(fault instanceof RespError)) {
      throw wrong(
        `no Redis answers at ${place}: ${fault instanceof Error ? fault.message : fault}`,
      );
    }
    switch (fault.code) {
      case "NOAUTH":
      case "WRONGPASS":
        throw wrong(`${place} does not let user ${user} in; check user and password`);
      case "NOPERM":
        throw wrong(
          `user ${user} may not publish and subscribe there: ` +
            `ACL SETUSER ${user} +@pubsub +@connection +cluster|slots &${prefix.split(":")[0]}:*`,
        );
    }
    if (/unknown command/i.test(fault.message)) {
      throw wrong(`the Redis at ${place} is too old; ${OLDEST} is the oldest`);
    }
    throw wrong(`${place} says: ${fault.message}`);
  }
}

const SILENT = { push: () => undefined, closed: () => undefined };

async function unlessMoved(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (fault) {
    if (fault instanceof RespError && ["MOVED", "CLUSTERDOWN"].includes(fault.code)) return;
    throw fault;
  }
}

function wrong(text: string): ConfigError {
  return new ConfigError(`--broker: ${text}`);
}
