import type { Chat } from "../../chat/chat.ts";
import { readTyped } from "../../model/rooms/commands.ts";
import { CLOSE, CLOSE_REASON } from "../../model/base/close.ts";
import { Refusal } from "../../model/base/errors.ts";
import { type BadFrame, type ClientFrame, decodeFrames } from "../../model/wire/frame.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Store } from "../../model/store.ts";
import type { Connection } from "./connection.ts";
import { reportFault } from "./fault.ts";
import type { FrameLimits } from "./frame-limits.ts";
import { SocketInboxes } from "./inbox.ts";
import { SocketModeration } from "./moderation.ts";
import type { Naming } from "./naming.ts";

export interface DispatchDeps {
  readonly chat: Pick<Chat, "messages" | "live" | "limits" | "moderation" | "inbox">;
  readonly store: Store;
  readonly observer: Observer;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Receives what sockets send: decodes each frame once, and passes it to the chat. */
export class FrameDispatch {
  readonly inboxes: SocketInboxes;
  readonly moderation: SocketModeration;

  constructor(
    readonly deps: DispatchDeps,
    readonly naming: Naming,
    readonly limits: FrameLimits,
  ) {
    const refuse = (connection: Connection) => this.#refuseRead(connection);
    this.inboxes = new SocketInboxes(deps.chat, refuse, deps.observer);
    this.moderation = new SocketModeration(deps, naming, refuse);
  }

  /** Receives a frame from the socket; frames beyond the limits are refused unread. */
  accept(connection: Connection, data: string | Buffer): void {
    const { meter, ticket } = connection;
    const refusal = this.limits.refuse(meter, ticket.network, data.length);
    if (!refusal) {
      if (!connection.keepEarly(data)) this.read(connection, data);
    } else if (this.limits.strike(meter, ticket.network)) {
      connection.close(CLOSE.badProtocol, CLOSE_REASON.tooManyFrames);
    } else if (this.limits.shouldReport(meter)) connection.refuse(refusal);
  }

  /** Reads an admitted frame. */
  read(connection: Connection, data: string | Buffer): void {
    if (typeof data !== "string") {
      this.#invalid(connection, { refusal: new Refusal("frameText") });
      return;
    }
    if (connection.ticket.json) {
      const frames = decodeFrames(data);
      this.limits.count(connection.meter, connection.ticket.network, frames.length - 1);
      for (const frame of frames) {
        if (connection.isOpen) this.#serve(connection, frame);
      }
      return;
    }
    const typed = readTyped(data);
    if (typed.kind !== "text") {
      void this.moderation.command(connection, typed, {});
      return;
    }
    const { room } = connection.ticket;
    const { author } = connection;
    const { now, newId, chat } = this.deps;
    const draft = { type: "message", id: newId(), room, author, text: typed.text } as const;
    chat.messages.post.post({ ...draft, at: now() }, connection);
  }

  /** Refuses an invalid frame, which costs more than a valid one; too many close the socket. */
  #invalid(connection: Connection, { refusal, ref, id }: BadFrame): void {
    if (this.limits.strike(connection.meter, connection.ticket.network)) {
      connection.close(CLOSE.badProtocol, CLOSE_REASON.invalidFrames);
      return;
    }
    connection.refuse(refusal, { ref, id });
    this.deps.chat.limits.floods.invalid(connection.author, connection.access);
  }

  #serve(connection: Connection, frame: ClientFrame | BadFrame): void {
    if ("refusal" in frame) {
      this.#invalid(connection, frame);
      return;
    }
    const { chat, now } = this.deps;
    const { post } = chat.messages;
    const { room } = connection.ticket;
    const { author, meter } = connection;
    const { ref } = frame;
    switch (frame.type) {
      case "send": {
        const { id, replyTo, files } = frame;
        const typed = readTyped(frame.text);
        if (typed.kind !== "text") {
          void this.moderation.command(connection, typed, { ref, id });
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
      case "delete":
        void this.moderation.remove(connection, frame.seq, ref);
        return;
      case "react": {
        const { seq: target, emoji, on } = frame;
        post.post({ type: "reacted", room, author, target, emoji, on, at: now() }, connection, ref);
        return;
      }
      case "history":
        void this.#history(connection, frame);
        return;
      case "typing":
        if (!this.#refusePost(connection) && this.limits.mayType(meter)) {
          chat.live.announce(room, { type: "typing", person: author });
        }
        return;
      case "read":
        if (this.#refuseRead(connection)) return;
        chat.inbox.hasRead(author.id, room, frame.seq);
        chat.live.announce(room, { type: "read", person: author, seq: frame.seq });
        return;
      case "ping":
        connection.send({ type: "pong", ...(ref === undefined ? {} : { ref }) });
        return;
      case "inbox":
      case "mark":
      case "talk":
        void this.inboxes.receive(connection, frame);
        return;
      default:
        void this.moderation.receive(connection, frame);
    }
  }

  /** Counts one read. */
  #refuseRead({ author, ticket }: Connection): Refusal | null {
    return this.deps.chat.limits.reads.consume({ person: author.id, network: ticket.network });
  }

  #refusePost({ access }: Connection): Refusal | null {
    return authorize(access, "post", this.deps.now());
  }

  async #history(
    connection: Connection,
    { before, limit, ref }: Extract<ClientFrame, { type: "history" }>,
  ): Promise<void> {
    const refusal = this.#refuseRead(connection);
    if (refusal) return connection.refuse(refusal, { ref });
    const { room, network } = connection.ticket;
    const reader = { person: connection.author.id, network };
    try {
      const json = await this.deps.chat.limits.reads.inTurn(reader, async () => {
        const page = await this.deps.store.before(room, before, limit);
        return JSON.stringify({ type: "history", ref, ...page });
      });
      connection.sendText(json);
    } catch (fault) {
      reportFault(this.deps.observer, connection, fault, ref);
    }
  }
}
