import type { Broker } from "../model/broker.ts";
import { memoryBroker } from "./memory.ts";

/** The broker of a URL, or the one that goes with the database where there is none. */
export function openBroker(url: string | null, database: string | null): Broker {
  if (url !== null && url !== "memory:") throw new Error(`--broker ${url} is not known`);
  if (database !== null && !database.startsWith("sqlite:")) {
    throw new Error(`--database ${database} is not known`);
  }
  return memoryBroker();
}
