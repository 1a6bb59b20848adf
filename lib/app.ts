import { version } from "../package.json";
import { openBroker } from "./broker/open.ts";
import { offerSetup } from "./chat/accounts/accounts.ts";
import { createChat } from "./chat/chat.ts";
import { MemoryNameLeases } from "./chat/live/memory-name-leases.ts";
import type { Observer } from "./model/base/observer.ts";
import type { Config } from "./model/config.ts";
import { DEFAULT_LIMITS, NO_LIMITS } from "./model/wire/limits.ts";
import { createLog } from "./ops/log.ts";
import { Metrics } from "./ops/metrics.ts";
import { openDatabase } from "./store/open.ts";
import { Door } from "./outbound/door.ts";
import { WebhookCarrier } from "./outbound/webhook-carrier.ts";
import { PushCarrier } from "./outbound/push-carrier.ts";
import { DeliveryQueue } from "./outbound/queue.ts";
import { Vapid } from "./outbound/vapid.ts";
import { SocketDirectory } from "./web/socket/directory.ts";
import { SocketAudience } from "./web/socket/publisher.ts";
import { Sockets } from "./web/socket/sockets.ts";
import { checkTls, openWeb } from "./web/web.ts";

export interface App {
  readonly url: string;
  /**
   * Refuses new sockets, closes open ones with 4001, stops listening, and commits what was
   * accepted.
   */
  stop(): Promise<void>;
}

/**
 * Starts the app. Rejects with a message for the operator if it cannot. `pictures` is the command
 * that prepares pictures, as `Decoder` runs it.
 */
export async function startApp(config: Config, pictures: readonly string[]): Promise<App> {
  const now = Date.now;
  const elapsed = () => performance.now();
  const newId = () => crypto.randomUUID();
  const metrics = new Metrics();
  const observer: Observer = {
    log: createLog(config.log, config.logLevel, now),
    count: (name, by) => metrics.count(name, by),
    time: (name, ms) => metrics.time(name, ms),
  };
  await checkTls(config);
  const limits = { ...(config.limits ? DEFAULT_LIMITS : NO_LIMITS), upload: config.upload };
  const store = await openDatabase(config.database, config.data, observer);
  const { records, files } = store;
  const broker = await openBroker(config.broker, config.database, store.epoch, observer);
  const leases = broker.isShared
    ? store.nameLeases(newId())
    : new MemoryNameLeases(records.accounts);
  const { handlers: folder, failClosed } = config;
  const handlers = folder === null ? null : { folder, failClosed };

  const base = { store, records, files, broker, observer, limits, now, elapsed, newId };
  const directory = new SocketDirectory();
  const audience = new SocketAudience(directory);
  const { uploadTotal, limits: isLimited } = config;
  const vapid = await Vapid.create(store.secret, config.pushContact);
  const { push: hosts } = config;
  const { deliveries } = records;
  const queue = new DeliveryQueue({ ...base, deliveries, random: Math.random });
  const chat = createChat({
    ...base,
    push: { key: vapid.publicKey, hosts },
    queued: () => queue.nudge(),
    leases,
    ...{ handlers, audience, directory, uploadTotal, pictures, isLimited },
  });
  const door = new Door({ allowed: config.allowOutbound, userAgent: `chatroom/${version}` });
  const carriers = {
    push: new PushCarrier({
      ...{ ...base, door, vapid, hosts, subscriptions: records.push },
      notice: (to, call) => chat.push.notice(to, call),
    }),
    webhook: new WebhookCarrier({
      ...{ ...base, door, webhooks: records.webhooks },
      reply: (webhook, id, text) => chat.webhooks.reply(webhook, id, text),
      more: () => chat.webhooks.said(),
    }),
  };
  const sockets = new Sockets({ ...base, chat, directory });
  await chat.start(sockets.enforcement);
  const web = openWeb({ ...base, chat, config, secret: store.secret, sockets, directory, metrics });
  queue.start(carriers);
  void chat.webhooks.sweep();
  observer.log("info", "listening", { url: web.url });
  const setup = await offerSetup(records);
  // Logged only here: afterwards only its hash exists.
  if (setup !== null) {
    observer.log("info", "setup", { url: `${config.url ?? web.url}admin/setup?token=${setup}` });
  }

  return {
    url: web.url,
    async stop() {
      await web.stop();
      await chat.stop();
      await queue.close();
      await broker.close();
      await store.close();
    },
  };
}
