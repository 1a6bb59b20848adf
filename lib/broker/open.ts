import type { Broker } from "../model/wire/broker.ts";
import { ConfigError } from "../model/config.ts";
import type { Observer } from "../model/base/observer.ts";
import { memoryBroker } from "./memory.ts";
import { postgresBroker } from "./postgres.ts";
import { redisBroker } from "./redis.ts";
import { askRedis } from "./redis-server.ts";
import { shardedBroker } from "./sharded.ts";

/**
 * Opens the broker of a URL or, without one, the default for the database: memory for SQLite,
 * `postgres:` for PostgreSQL. `chat` separates chats that share a server. Rejects with a
 * `ConfigError` if broker and database do not fit, or Redis cannot be used.
 */
export async function openBroker(
  url: string | null,
  database: string | null,
  chat: string,
  observer: Pick<Observer, "log">,
): Promise<Broker> {
  const postgres = database !== null && !database.startsWith("sqlite:") ? database : null;
  if (url === null)
    return postgres === null ? memoryBroker() : postgresBroker(postgres, chat, observer);
  if (url === "memory:") return memoryBroker();
  if (url === "postgres:") {
    if (postgres === null)
      throw new ConfigError("--broker postgres: needs --database postgres://…");
    return postgresBroker(postgres, chat, observer);
  }
  const prefix = `chatroom:${chat}:`;
  const { isSharded } = await askRedis(url, prefix);
  return isSharded ? shardedBroker(url, prefix, observer) : redisBroker(url, prefix, observer);
}
