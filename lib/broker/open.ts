import type { Broker } from "../model/broker.ts";
import type { Observer } from "../model/observer.ts";
import { memoryBroker } from "./memory.ts";
import { postgresBroker } from "./postgres.ts";
import { redisBroker } from "./redis.ts";

/**
 * The broker of a URL, or the one that goes with the database where there is none: memory for
 * SQLite, `postgres:` for PostgreSQL. `chat` keeps apart the chats that share a server. Throws, with
 * a message for the operator, where the two do not go together.
 */
export function openBroker(
  url: string | null,
  database: string | null,
  chat: string,
  observer: Pick<Observer, "log">,
): Broker {
  const postgres = database !== null && !database.startsWith("sqlite:") ? database : null;
  if (url === null)
    return postgres === null ? memoryBroker() : postgresBroker(postgres, chat, observer);
  if (url === "memory:") return memoryBroker();
  if (url !== "postgres:") return redisBroker(url, chat, observer);
  if (postgres === null) throw new Error("--broker postgres: needs --database postgres://…");
  return postgresBroker(postgres, chat, observer);
}
