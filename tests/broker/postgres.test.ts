import { postgresBroker } from "../../lib/broker/postgres.ts";
import { hasPostgres, POSTGRES_URL } from "../support/servers/servers.ts";
import { brokerSuite, quiet } from "./suite.ts";

if (await hasPostgres()) {
  const chat = crypto.randomUUID();
  brokerSuite("PostgreSQL broker", () => postgresBroker(POSTGRES_URL, chat, quiet), true);
}
