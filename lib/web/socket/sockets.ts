import type { WebSocketHandler } from "bun";
import { type Start, start } from "../../chat/live/join.ts";
import type { Chat } from "../../chat/chat.ts";
import type { PeopleList } from "../../model/wire/presence.ts";
import { say } from "../../chat/moderation/replies.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Store } from "../../model/store.ts";
import type { Records } from "../../model/records.ts";
import { CLOSE, CLOSE_REASON } from "../../model/base/close.ts";
import { EVERYWHERE } from "../../model/wire/control.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { ServerFrame } from "../../model/wire/frame.ts";
import { BACKPRESSURE_LIMIT, type Limits } from "../../model/wire/limits.ts";
import { aboutOf, OPEN_ROOM } from "../../model/rooms/rules.ts";
import { jsonTopic, presenceTopic, textTopic } from "./publisher.ts";
import type { Connection } from "./connection.ts";
import { Directory, type SocketDirectory } from "./directory.ts";
import { catalogue } from "../http/languages.ts";
import { AccessEnforcement, type Stream } from "./access.ts";
import { FrameDispatch } from "./dispatch.ts";
import { reportFault } from "./fault.ts";
import { FrameLimits } from "./frame-limits.ts";
import { Interner } from "../../model/base/interner.ts";
import { ModerationNews } from "./moderation.ts";
import { Naming } from "./naming.ts";
import { ConnectionQuota } from "./quota.ts";

/**
 * Sockets are closed in at most this many batches of at least 500 when the server stops, so that
 * they do not all reconnect at once. The last are closed within two seconds.
 */
const CLOSE_BATCHES = 20;
const LEAST_BATCH = 500;
const BATCH_MS = 100;

export interface SocketDeps {
  readonly chat: Chat;
  readonly directory: SocketDirectory;
  readonly store: Store;
  readonly records: Records;
  readonly limits: Limits;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** The room's WebSocket, in both protocols: entering, being present, leaving. */
export class Sockets {
  /** Server-sent event streams, which are closed with the sockets. */
  readonly streams = new Directory<Stream>();
  readonly enforcement: AccessEnforcement;
  readonly naming: Naming;
  readonly dispatch: FrameDispatch;
  readonly quota: ConnectionQuota;
  readonly frameLimits: FrameLimits;
  readonly strings = new Interner();

  constructor(readonly deps: SocketDeps) {
    const { chat, directory, store, observer, now } = deps;
    const { accessLookup } = chat.moderation;
    const { names } = chat.live;
    const { floods } = chat.limits;
    const news = new ModerationNews(directory, chat.moderation);
    const rights = { accessLookup, names, floods, directory, store, observer, now, news };
    this.enforcement = new AccessEnforcement(rights, this.streams);
    this.naming = new Naming({ ...chat.live, directory });
    this.frameLimits = new FrameLimits(deps.limits.sockets !== null, deps.now);
    this.dispatch = new FrameDispatch(deps, this.naming, this.frameLimits);
    this.quota = new ConnectionQuota(deps.limits.sockets);
  }

  get count(): number {
    return this.deps.directory.size;
  }

  handler(): WebSocketHandler<Connection> {
    return {
      maxPayloadLength: this.deps.limits.frame,
      backpressureLimit: BACKPRESSURE_LIMIT,
      closeOnBackpressureLimit: true,
      idleTimeout: 120,
      perMessageDeflate: false,
      open: (socket) => {
        socket.data.opened(socket);
        this.deps.directory.add(socket.data);
        void this.#join(socket.data);
      },
      message: (socket, data) => this.dispatch.accept(socket.data, data),
      drain: (socket) => socket.data.drained(),
      close: (socket) => this.#leave(socket.data),
      error: (fault, socket) => {
        reportFault(this.deps.observer, socket.data, fault);
      },
    };
  }

  /** Closes every socket, in batches; resolves when the last is closed. */
  async closeAll(): Promise<void> {
    const { directory } = this.deps;
    for (const stream of this.streams.of(EVERYWHERE)) stream.close();
    const size = Math.max(LEAST_BATCH, Math.ceil(directory.size / CLOSE_BATCHES));
    while (directory.size > 0) {
      for (const connection of directory.of(EVERYWHERE).slice(0, size)) {
        directory.delete(connection);
        connection.close(CLOSE.goingAway, CLOSE_REASON.goingAway);
      }
      if (directory.size > 0) await Bun.sleep(BATCH_MS);
    }
  }

  async #join(connection: Connection): Promise<void> {
    const { chat, store } = this.deps;
    const { hub, board } = chat.live;
    const { room, json, cursor, recent, network, person } = connection.ticket;
    try {
      const ready = hub.enter(room);
      connection.stage = "entered";
      await ready.catch((fault: unknown) => {
        connection.stage = "outside";
        throw fault;
      });
      // After entering the room, so that changes of rights from now on are received.
      const admit = () => this.enforcement.admit(connection);
      if (!connection.isOpen || !(await chat.limits.reads.takeTurn(network, admit))) return;
      if (!(await this.naming.enter(connection))) return;
      this.deps.directory.joining.delete(connection);
      const read = connection.ticket.inbox === null ? null : await chat.inbox.readTo(person, room);
      let seen: PeopleList = { people: [], count: 0 };
      const joiner = {
        person,
        network,
        get isOpen() {
          return connection.isOpen;
        },
        follow: (subscription: Disposable) => connection.follow(subscription),
        begin: (begun: Start) => {
          seen = board.people(room);
          const early = connection.begin(this.#startFrames(connection, begun, seen, read));
          for (const data of early) this.dispatch.read(connection, data);
        },
        ready: () => connection.ready(),
        deliver: (events: readonly RoomEvent[]) => connection.deliver(events),
      };
      const deps = { store, hub, reads: chat.limits.reads };
      const how = await start(room, cursor, recent, deps, joiner);
      if (how === "begun") {
        connection.caughtUp(() => {
          connection.subscribe(json ? jsonTopic(room) : textTopic(room));
          if (json) this.#followPeople(connection, seen);
          const { inbox } = connection.ticket;
          if (inbox !== null) this.dispatch.inboxes.open(connection, inbox);
        });
        // After `welcome`, since a handler may greet them.
        this.#tellHandlers(connection, "join");
      }
      if (how === "behind") connection.close(CLOSE.tooSlow, CLOSE_REASON.tooSlow);
    } catch (fault) {
      reportFault(this.deps.observer, connection, fault);
      connection.close(1011, CLOSE_REASON.internal);
    }
  }

  #startFrames(
    connection: Connection,
    { seq, events, messages }: Start,
    here: PeopleList,
    read: number | null,
  ): ServerFrame[] {
    const { room, json } = connection.ticket;
    connection.welcomed = connection.access;
    if (!json) return [...messages];
    const { role, rules } = connection.access;
    const you = { ...connection.author, role };
    const about = rules === OPEN_ROOM ? {} : { about: aboutOf(rules) };
    const { store, limits } = this.deps;
    const begin = events ? { recovered: true, events } : { recovered: false, messages };
    const { epoch } = store;
    const readTo = read === null ? {} : { read };
    const list = this.deps.chat.messages.handlers.commands(room, role);
    const lines = list.map(({ name, usage, help }) => ({ name, usage, help }));
    const commands = lines.length === 0 ? {} : { commands: lines };
    const what = {
      room,
      epoch,
      seq,
      you,
      ...here,
      limits,
      ...about,
      ...commands,
      ...readTo,
      ...begin,
    };
    const welcome = { type: "welcome", ...what } as const;
    return [welcome, ...this.#newName(connection)];
  }

  /** Tells someone why their name differs from the requested one. */
  #newName({ author, ticket: { name, language } }: Connection): ServerFrame[] {
    if (author.name === name) return [];
    const text = say(catalogue(language), "renamed", { name, yours: author.name });
    return [{ type: "notice", author: SYSTEM, text, at: this.deps.now() }];
  }

  /** Sends presence to someone who was sent `seen`. */
  #followPeople(connection: Connection, seen: PeopleList): void {
    const { room } = connection.ticket;
    this.deps.chat.live.board.follow(room, seen, (difference) => {
      if (!connection.isOpen) return;
      if (difference) connection.send(difference);
      connection.subscribe(presenceTopic(room));
    });
  }

  /** For a person's first socket in a room of this node, and the last. */
  #tellHandlers({ author, access, room }: Connection, on: "join" | "leave"): void {
    const { chat, directory } = this.deps;
    const here = directory.ofPerson(author.id, room).filter(({ stage }) => stage === "here");
    if (here.length > (on === "join" ? 1 : 0)) return;
    chat.messages.handlers.happened(room, { author, role: access.role }, { on });
  }

  #leave(connection: Connection): void {
    const { room } = connection.ticket;
    connection.closed();
    this.dispatch.inboxes.close(connection);
    this.deps.directory.delete(connection);
    this.quota.release(connection.ticket.network);
    if (connection.stage !== "outside") this.deps.chat.live.hub.leave(room);
    if (connection.stage === "here") {
      this.naming.leave(connection);
      this.#tellHandlers(connection, "leave");
    }
    connection.stage = "outside";
  }
}
