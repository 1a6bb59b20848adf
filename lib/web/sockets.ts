import type { Server, WebSocketHandler } from "bun";
import { type CommandParts, runCommand } from "../chat/commands.ts";
import type { Floods } from "../chat/floods.ts";
import type { Audience, Hub } from "../chat/hub.ts";
import { type Start, start } from "../chat/join.ts";
import type { Post } from "../chat/post.ts";
import type { PresenceBoard } from "../chat/presence.ts";
import type { Rates } from "../chat/rates.ts";
import type { Standings } from "../chat/standings.ts";
import { SYSTEM } from "../model/audit.ts";
import type { Broker } from "../model/broker.ts";
import { CLOSE } from "../model/close.ts";
import { readTyped, type Typed } from "../model/commands.ts";
import { Refusal } from "../model/errors.ts";
import type { RoomEvent } from "../model/event.ts";
import {
  type BadFrame,
  type ClientFrame,
  decodeFrames,
  type PersonRead,
  type PersonTyping,
  type Presence,
  type ServerFrame,
} from "../model/frame.ts";
import { BACKPRESSURE_LIMIT, type Limits, PEOPLE_LIMIT } from "../model/limits.ts";
import { may } from "../model/may.ts";
import type { Observer } from "../model/observer.ts";
import type { Author } from "../model/person.ts";
import { atLeast } from "../model/role.ts";
import { aboutOf, OPEN_ROOM } from "../model/rules.ts";
import type { Store } from "../model/store.ts";
import { Doorkeeper, type Stream } from "./doorkeeper.ts";
import { type Connection, plainLine } from "./connection.ts";

/** Bytes of events in one frame: far below what may wait for a reader. */
const GROUP_LIMIT = 64 * 1024;
/** Closed at once when the server goes: more in one turn would hold up the rest. */
const CLOSE_BATCH = 500;

export interface SocketParts {
  readonly standings: Standings;
  readonly floods: Floods;
  readonly commands: Omit<CommandParts, "link">;
  readonly store: Store;
  readonly hub: Hub;
  readonly broker: Broker;
  readonly board: PresenceBoard;
  readonly post: Post;
  /** Reading back costs the database too. */
  readonly reads: Rates;
  readonly limits: Limits;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Room names have no colon, so the two kinds of topic cannot meet. */
const jsonTopic = (room: string) => `json:${room}`;
const textTopic = (room: string) => `text:${room}`;

/** This node's audience: publishes to each protocol once, however many listen. */
export class SocketAudience implements Audience {
  #server: Server<Connection> | null = null;

  attach(server: Server<Connection>): void {
    this.#server = server;
  }

  deliver(room: string, events: readonly RoomEvent[]): void {
    const server = this.#server;
    if (!server) return;
    if (server.subscriberCount(jsonTopic(room)) > 0) {
      for (const frame of grouped(events)) server.publish(jsonTopic(room), frame, false);
    }
    if (server.subscriberCount(textTopic(room)) > 0) {
      for (const event of events) {
        if (event.type === "message") server.publish(textTopic(room), plainLine(event), false);
      }
    }
  }

  push(room: string, frame: Presence | PersonTyping | PersonRead): void {
    this.#server?.publish(jsonTopic(room), JSON.stringify(frame), false);
  }
}

/** The events as frames: one object, or arrays of what fits. */
function grouped(events: readonly RoomEvent[]): string[] {
  const frames: string[] = [];
  let group: string[] = [];
  let size = 0;
  const close = () => {
    const [only] = group;
    if (only !== undefined) frames.push(group.length === 1 ? only : `[${group.join(",")}]`);
    group = [];
    size = 0;
  };
  for (const event of events) {
    const json = JSON.stringify(event);
    if (size + json.length > GROUP_LIMIT) close();
    group.push(json);
    size += json.length;
  }
  close();
  return frames;
}

/** The room's WebSocket, both protocols: decodes what comes in, and hands it to the chat. */
export class Sockets {
  readonly #open = new Set<Connection>();
  readonly #places = new Map<string, number>();
  /** Server-sent event streams: to be closed with the sockets. */
  readonly streams = new Set<Stream>();
  readonly doorkeeper: Doorkeeper;

  constructor(readonly parts: SocketParts) {
    this.doorkeeper = new Doorkeeper(parts, this.#open, this.streams);
  }

  get count(): number {
    return this.#open.size;
  }

  /** Counts one more socket of a place, or says that it has enough. */
  admit(place: string): boolean {
    const { sockets } = this.parts.limits;
    if (sockets === null) return true;
    const count = this.#places.get(place) ?? 0;
    if (count >= sockets) return false;
    this.#places.set(place, count + 1);
    return true;
  }

  release(place: string): void {
    const count = this.#places.get(place);
    if (count === undefined) return;
    if (count > 1) this.#places.set(place, count - 1);
    else this.#places.delete(place);
  }

  handler(): WebSocketHandler<Connection> {
    return {
      maxPayloadLength: this.parts.limits.frame,
      backpressureLimit: BACKPRESSURE_LIMIT,
      closeOnBackpressureLimit: true,
      idleTimeout: 120,
      perMessageDeflate: false,
      open: (socket) => {
        socket.data.opened(socket);
        this.#open.add(socket.data);
        void this.#join(socket.data);
      },
      message: (socket, data) => this.#take(socket.data, data),
      drain: (socket) => socket.data.drained(),
      close: (socket) => this.#leave(socket.data),
      error: (fault, socket) => {
        this.#fault(socket.data, fault);
      },
    };
  }

  /** Closes every socket, in batches; resolves when the last has been told. */
  async closeAll(): Promise<void> {
    for (const stream of this.streams) stream.close();
    while (this.#open.size > 0) {
      for (const connection of [...this.#open].slice(0, CLOSE_BATCH)) {
        this.#open.delete(connection);
        connection.close(CLOSE.goingAway, "going away");
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #join(connection: Connection): Promise<void> {
    const { hub, board } = this.parts;
    const { room, json, cursor, recent } = connection.ticket;
    try {
      const ready = hub.enter(room);
      connection.stage = "entered";
      await ready.catch((fault: unknown) => {
        connection.stage = "outside";
        throw fault;
      });
      // In the room first, so that a right taken away from now on is heard of.
      if (!connection.isOpen || !(await this.doorkeeper.admit(connection))) return;
      if (json) board.enter(room, connection.author);
      connection.stage = "here";
      await start(room, cursor, recent, this.parts, (begun) => {
        const here = board.people(room);
        const frames = this.#startFrames(connection, begun, here);
        const tap = hub.tap(room, (events) => connection.hold(events));
        connection.stop = () => hub.untap(room, tap);
        const early = connection.begin(frames, () => {
          connection.stop();
          connection.subscribe(json ? jsonTopic(room) : textTopic(room));
          if (json) this.#catchUp(connection, here.people);
        });
        for (const data of early) this.#take(connection, data);
      });
    } catch (fault) {
      this.#fault(connection, fault);
      connection.close(1011, "internal");
    }
  }

  #startFrames(
    connection: Connection,
    { seq, events, messages, tail }: Start,
    here: ReturnType<PresenceBoard["people"]>,
  ): ServerFrame[] {
    const { room, json } = connection.ticket;
    if (!json) return [...messages, ...tail];
    const { role, rules } = connection.standing;
    const you = { ...connection.author, role };
    const about = rules === OPEN_ROOM ? {} : { about: aboutOf(rules) };
    const { store, limits } = this.parts;
    const begin = events ? { recovered: true, events } : { recovered: false, messages };
    const { epoch } = store;
    const what = { room, epoch, seq, you, ...here, limits, ...about, ...begin };
    return [{ type: "welcome", ...what }, ...tail];
  }

  /** Who came and went while a joiner was reading the start. */
  #catchUp(connection: Connection, seen: readonly Author[]): void {
    const { people, count } = this.parts.board.people(connection.ticket.room);
    const joined = people.filter(({ id }) => !seen.some((other) => other.id === id));
    const left = seen.filter(({ id }) => !people.some((other) => other.id === id));
    if (joined.length === 0 && left.length === 0) return;
    const change = count > PEOPLE_LIMIT ? {} : { joined, left };
    connection.send({ type: "presence", ...change, count });
  }

  #leave(connection: Connection): void {
    const { room, json } = connection.ticket;
    connection.stop();
    connection.closed();
    this.#open.delete(connection);
    this.doorkeeper.left(connection);
    this.release(connection.ticket.place);
    if (connection.stage !== "outside") this.parts.hub.leave(room);
    if (connection.stage === "here" && json) this.parts.board.leave(room, connection.author);
    connection.stage = "outside";
  }

  #take(connection: Connection, data: string | Buffer): void {
    if (connection.keepEarly(data)) return;
    if (typeof data !== "string") {
      this.#invalid(connection, { refusal: new Refusal("invalid", "A frame must be text.") });
      return;
    }
    if (connection.ticket.json) {
      for (const frame of decodeFrames(data)) this.#serve(connection, frame);
      return;
    }
    const typed = readTyped(data);
    if (typed.kind !== "text") {
      void this.#command(connection, typed, {});
      return;
    }
    const { room } = connection.ticket;
    const { author } = connection;
    const { now, newId, post } = this.parts;
    const draft = { type: "message", id: newId(), room, author, text: typed.text } as const;
    post.post({ ...draft, at: now() }, connection);
  }

  /** What made no sense is answered, and costs more than what did. */
  #invalid(connection: Connection, { refusal, ref, id }: BadFrame): void {
    connection.refuse(refusal, { ref, id });
    this.parts.floods.invalid(connection.author, connection.standing);
  }

  async #command(
    connection: Connection,
    typed: Exclude<Typed, { kind: "text" }>,
    about: { ref?: string | undefined; id?: string | undefined },
  ): Promise<void> {
    const { author, standing, ticket } = connection;
    const { floods, commands } = this.parts;
    const slow = floods.take(author, standing);
    if (slow || typed.kind === "unknown") {
      const unknown = new Refusal("invalid", `There is no command /${typed.name}; see /help.`);
      connection.refuse(slow ?? unknown, about);
      return;
    }
    const { room, person, language, base } = ticket;
    const rename = (name: string) => this.doorkeeper.rename(room, author.id, name);
    const caller = { author, room, standing, person, language, rename };
    try {
      const parts = { ...commands, link: (path: string) => base + path };
      const answer = await runCommand(typed.name, typed.rest, caller, parts);
      if (answer instanceof Refusal) connection.refuse(answer, about);
      else connection.notice(SYSTEM, answer, about);
    } catch (fault) {
      this.#fault(connection, fault, about.ref);
    }
  }

  #serve(connection: Connection, frame: ClientFrame | BadFrame): void {
    if ("refusal" in frame) {
      this.#invalid(connection, frame);
      return;
    }
    const { post, broker, now } = this.parts;
    const { room } = connection.ticket;
    const { author } = connection;
    const { ref } = frame;
    switch (frame.type) {
      case "send": {
        const { id, replyTo, files } = frame;
        const typed = readTyped(frame.text);
        if (typed.kind !== "text") {
          void this.#command(connection, typed, { ref, id });
          return;
        }
        const { text } = typed;
        const more = {
          ...(replyTo === undefined ? {} : { replyTo }),
          ...(files === undefined || files.length === 0 ? {} : { files }),
        };
        post.post({ type: "message", id, room, author, text, at: now(), ...more }, connection, ref);
        return;
      }
      case "edit": {
        const { seq: target, text } = frame;
        const draft = { type: "edited", room, author, target, text, at: now() } as const;
        post.post({ ...draft, anyone: false }, connection, ref);
        return;
      }
      case "delete": {
        if (atLeast(connection.standing.role, "moderator")) {
          void this.#remove(connection, frame.seq, ref);
          return;
        }
        const draft = { type: "deleted", room, author, target: frame.seq, at: now() } as const;
        post.post({ ...draft, anyone: false }, connection, ref);
        return;
      }
      case "react": {
        const { seq: target, emoji, on } = frame;
        post.post({ type: "reacted", room, author, target, emoji, on, at: now() }, connection, ref);
        return;
      }
      case "history":
        void this.#history(connection, frame);
        return;
      case "typing":
        if (this.#isSmall(room) && !this.#mayNot(connection) && connection.mayType()) {
          broker.publish(room, { kind: "passing", frame: { type: "typing", person: author } });
        }
        return;
      case "read":
        if (this.#isSmall(room) && !this.parts.reads.take(author.id)) {
          const { seq } = frame;
          broker.publish(room, { kind: "passing", frame: { type: "read", person: author, seq } });
        }
        return;
      case "ping":
        connection.send({ type: "pong", ...(ref === undefined ? {} : { ref }) });
        return;
    }
  }

  #mayNot({ standing }: Connection): Refusal | null {
    return may(standing, "post", this.parts.now());
  }

  /** By someone who may delete what others wrote, which goes into the audit log. */
  async #remove(connection: Connection, seq: number, ref: string | undefined): Promise<void> {
    const { author, standing, ticket } = connection;
    const doer = { author, standing, room: ticket.room };
    try {
      const refusal = await this.parts.commands.moderate.remove(doer, seq, "");
      if (refusal) connection.refuse(refusal, { ref });
    } catch (fault) {
      this.#fault(connection, fault, ref);
    }
  }

  /** Who types and who has read is for rooms in which people know each other. */
  #isSmall(room: string): boolean {
    return this.parts.board.countIn(room) <= PEOPLE_LIMIT;
  }

  async #history(
    connection: Connection,
    { before, limit, ref }: Extract<ClientFrame, { type: "history" }>,
  ): Promise<void> {
    const refusal = this.parts.reads.take(connection.author.id);
    if (refusal) {
      connection.refuse(refusal, { ref });
      return;
    }
    const asked = ref === undefined ? {} : { ref };
    try {
      const page = await this.parts.store.before(connection.ticket.room, before, limit);
      connection.send({ type: "history", ...asked, ...page });
    } catch (fault) {
      this.#fault(connection, fault, ref);
    }
  }

  /** An unknown fault: its text goes to the log, its id to the client. */
  #fault(connection: Connection, fault: unknown, ref?: string): void {
    const id = crypto.randomUUID();
    this.parts.observer.log("error", "socket failed", {
      id,
      room: connection.ticket.room,
      fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
    });
    connection.refuse(new Refusal("internal", `Something went wrong (${id}).`), { ref });
  }
}
