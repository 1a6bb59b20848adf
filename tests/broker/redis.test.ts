import { redisBroker } from "../../lib/broker/redis.ts";
import { hasRedis, REDIS_URL } from "../support/servers/servers.ts";
import { brokerSuite, quiet } from "./suite.ts";

if (await hasRedis()) {
  const prefix = `chatroom:${crypto.randomUUID()}:`;
  brokerSuite("Redis broker", () => redisBroker(REDIS_URL, prefix, quiet), true);
}
