import { Accounts, offerSetup } from "./chat/accounts/accounts.ts";
import { Committer } from "./chat/messages/commit.ts";
import { Floods } from "./chat/limits/floods.ts";
import { type Audience, Hub } from "./chat/live/hub.ts";
import { Indexer } from "./chat/messages/indexer.ts";
import { openOrder } from "./chat/moderation/order.ts";
import { Retention, RETENTION_MS } from "./chat/messages/retention.ts";
import { RightsWatch, WATCH_MS } from "./chat/moderation/watch.ts";
import { NameRegistry } from "./chat/live/name-registry.ts";
import { loadPlugins } from "./chat/messages/plugins.ts";
import { Post } from "./chat/messages/post.ts";
import { BEAT_MS, PresenceBoard } from "./chat/live/presence.ts";
import { Rates } from "./chat/limits/rates.ts";
import { Uploads } from "./chat/files/uploads.ts";
import { openBroker } from "./broker/open.ts";
import { type Config, ConfigError } from "./model/config.ts";
import { type Control, EVERYWHERE } from "./model/wire/control.ts";
import { DEFAULT_LIMITS, NO_LIMITS } from "./model/wire/limits.ts";
import type { Observer } from "./model/base/observer.ts";
import { createLog } from "./ops/log.ts";
import { Metrics } from "./ops/metrics.ts";
import { SAMPLE_MS, Samples } from "./ops/samples.ts";
import { openDatabase } from "./store/open.ts";
import { serve } from "./web/server.ts";
import { Sessions } from "./web/identity/session.ts";
import { SocketAudience } from "./web/socket/publisher.ts";
import { Sockets } from "./web/socket/sockets.ts";

/** Presence goes out at most this often in a room. */
const PRESENCE_TICK_MS = 100;
/** Who bears a contested name is asked when the others had time to say since when. */
const CONTEST_MS = 250;
/** A signal that was lost between nodes costs no more latency than this. */
const RECOVER_MS = 2_000;
/** How much one person may read back at once, and then each second. */
const READS = { burst: 50, perSecond: 20 };
/** Passwords an address may try. */
const AUTH_ATTEMPTS = { burst: 10, perSecond: 0.2 };

export interface App {
  readonly url: string;
  /** Opens no more sockets, closes every one with 4001, listens no more, commits what was accepted. */
  stop(): Promise<void>;
}

/** Config -> a running app. Rejects, with a message for the operator, where it cannot start. */
export async function startApp(config: Config): Promise<App> {
  const now = Date.now;
  const newId = () => crypto.randomUUID();
  const metrics = new Metrics();
  const observer: Observer = {
    log: createLog(config.log, config.logLevel, now),
    count: (name, by) => metrics.count(name, by),
    time: (name, ms) => metrics.time(name, ms),
  };
  await checkFiles(config);
  const limits = { ...(config.limits ? DEFAULT_LIMITS : NO_LIMITS), upload: config.upload };
  const store = await openDatabase(config.database, config.data);
  const { records, files } = store;
  const broker = await openBroker(config.broker, config.database, store.epoch, observer);
  const plugins = config.handlers === null ? null : await loadPlugins(config.handlers, observer);

  const audience = new SocketAudience();
  // What other nodes' people say counts for this node's slow mode.
  const heard: Audience = {
    deliver(room, events) {
      post.slow.observe(room, events, now());
      audience.deliver(room, events);
    },
    push: (room, frame) => audience.push(room, frame),
  };
  const hub = new Hub(store, broker, broker.isShared ? heard : audience, observer);
  const names = new NameRegistry({ schedule: (look) => setTimeout(look, CONTEST_MS), now });
  const board = new PresenceBoard({
    names,
    audience,
    schedule: (tick) => setTimeout(tick, PRESENCE_TICK_MS),
    tell: broker.isShared ? (room, signal) => broker.publish(room, signal) : null,
    node: newId(),
    now,
  });
  hub.onPresence = (room, signal) => board.receive(room, signal);
  const indexer = new Indexer(store, observer, () => performance.now());
  const publish = (room: string, events: Parameters<typeof audience.deliver>[1]) => {
    broker.publish(room, { kind: "events", events });
    indexer.nudge();
  };
  const reach = (room: string, seq: number) => hub.catchUp(room, seq);
  const committer = new Committer(store, publish, observer, () => performance.now(), reach);
  const tell = (room: string, control: Control) =>
    broker.publish(room, { kind: "control", control });
  const floods = new Floods(records, observer, now, config.limits, (subjects) =>
    tell(EVERYWHERE, { action: "recheck", subjects }),
  );
  const post = new Post(committer, floods, observer, () => plugins?.list() ?? [], newId);
  const reads = new Rates(config.limits ? READS : null, now);
  const directory = () => sockets.directory;
  const order = openOrder({
    ...{ records, store, post, broadcast: tell, now, directory, names },
    people: (room) => board.people(room),
  });
  const authAttempts = new Rates(config.limits ? AUTH_ATTEMPTS : null, now);
  const core = {
    store,
    records,
    hub,
    broker,
    board,
    names,
    post,
    reads,
    limits,
    observer,
    now,
    newId,
  };
  const isLimited = config.limits;
  const uploads = new Uploads({ files, observer, limits, isLimited, now });
  const accounts = new Accounts({
    records,
    post,
    broadcast: tell,
    authAttempts: authAttempts,
    now,
  });
  const onSettings = () => void floods.load((key) => store.setting(key));
  const chat = { ...core, ...order, floods, authAttempts, accounts, onSettings };
  const sockets: Sockets = new Sockets(chat);
  hub.onControl = (room, control) => sockets.enforcement.receive(room, control);
  hub.onLost = () => {
    sockets.enforcement.recheckIn("");
    board.refresh();
  };
  await broker.subscribe(EVERYWHERE);
  await floods.load((key) => store.setting(key));
  const sessions = new Sessions(store.secret, config.tlsCert !== null);

  let ready = true;
  const gauges = () => ({ sockets: sockets.count, people: board.count, rooms: hub.rooms });
  const totals = () => {
    const { count, ms } = metrics.sum("commit");
    return { events: metrics.value("events"), commits: count, commitMs: ms };
  };
  const samples = new Samples(totals, gauges, () => performance.now());
  const server = serve({
    ...chat,
    ...{
      samples,
      broadcast: tell,
      directory,
      files,
      uploads,
      handlers: () => plugins?.list() ?? [],
    },
    config,
    sessions,
    sockets,
    isReady: () => ready,
    metrics: () => metrics.text(gauges()),
  });
  audience.attach(server, sockets.open);
  const retention = new Retention(records, post, observer);
  const timers = [
    setInterval(() => samples.sample(), SAMPLE_MS),
    setInterval(() => void retention.forget(now()), RETENTION_MS),
    setInterval(() => void uploads.sweep(), RETENTION_MS),
  ];
  if (broker.isShared) {
    const watch = new RightsWatch(records.audit, sockets.enforcement, observer);
    timers.push(setInterval(() => void watch.poll(), WATCH_MS));
    timers.push(setInterval(() => void hub.recover(), RECOVER_MS));
    timers.push(setInterval(() => board.beat(), BEAT_MS));
  }
  const url = addressOf(config, server.port ?? config.port);
  observer.log("info", "listening", { url });
  indexer.nudge();
  const setup = await offerSetup(records);
  // Only here, only now: later there is nothing but its hash.
  if (setup !== null) {
    observer.log("info", "setup", { url: `${url}admin/setup?token=${setup}` });
  }

  return {
    url,
    async stop() {
      // Whole requests are answered while sockets close: a balancer sees that it is not ready, and
      // nobody a refused connection.
      ready = false;
      await post.drain();
      await sockets.closeAll();
      await Promise.race([server.stop(), Bun.sleep(1_000)]);
      // Who was on the way in when it began.
      await sockets.closeAll();
      await post.drain();
      await server.stop(true);
      for (const timer of timers) clearInterval(timer);
      board.tick();
      plugins?.close();
      await indexer.close();
      await broker.close();
      await store.close();
    },
  };
}

async function checkFiles({ tlsCert, tlsKey }: Config): Promise<void> {
  const files = { "--tls-cert": tlsCert, "--tls-key": tlsKey };
  for (const [flag, path] of Object.entries(files)) {
    if (path === null || (await Bun.file(path).exists())) continue;
    throw new ConfigError(`${flag}: there is no file ${path}`);
  }
}

/** An address that can be opened on this machine. */
function addressOf({ host, basePath, tlsCert }: Config, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const bracketed = name.includes(":") ? `[${name}]` : name;
  return `${tlsCert === null ? "http" : "https"}://${bracketed}:${port}${basePath}/`;
}
