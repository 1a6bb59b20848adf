import type { Feed, InboxListener } from "../../chat/inbox/feed.ts";
import type { Chat } from "../../chat/chat.ts";
import type { Observer } from "../../model/base/observer.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { InboxFrame, InboxRequest } from "../../model/wire/inbox.ts";
import type { Connection } from "./connection.ts";
import { reportFault } from "./fault.ts";
import { headTopic } from "./publisher.ts";

/** The inboxes open on this node's sockets. */
export class SocketInboxes {
  readonly #feeds = new Map<Connection, Feed>();

  constructor(
    readonly chat: Pick<Chat, "inbox" | "moderation" | "live">,
    /** Counts one request, or refuses it. */
    readonly refuse: (connection: Connection) => Refusal | null,
    readonly observer: Observer,
  ) {}

  /** Carries out a frame. Never rejects. */
  async receive(connection: Connection, frame: InboxRequest & { ref?: string }): Promise<void> {
    const { ref } = frame;
    try {
      const refusal = this.refuse(connection) ?? (await this.#serve(connection, frame));
      if (refusal) connection.refuse(refusal, { ref });
    } catch (fault) {
      reportFault(this.observer, connection, fault, ref);
    }
  }

  async #serve(connection: Connection, frame: InboxRequest & { ref?: string }) {
    const { author, access, room } = connection;
    const { inbox, moderation, live } = this.chat;
    switch (frame.type) {
      case "inbox":
        this.open(connection, frame.since);
        return null;
      case "mark":
        return inbox.mark(principalOf(connection), author.name, frame);
      case "talk": {
        const around = live.board.people(room).people;
        const { account } = access;
        const talker = { author, isGuest: account === null, grant: account?.grant, around };
        const place = await moderation.talks.open(talker, frame.people);
        if (place instanceof Refusal) return place;
        const { people } = place;
        const ref = frame.ref === undefined ? {} : { ref: frame.ref };
        connection.send({ type: "talk", room: place.room, people, ...ref });
        return null;
      }
    }
  }

  /** Sends the person's inbox on this socket from now on; again if it is open already. */
  open(connection: Connection, since: number): void {
    const feed = this.#feeds.get(connection);
    if (feed) this.chat.inbox.feeds.reopen(feed, since);
    else this.#feeds.set(connection, this.chat.inbox.feeds.open(listenerOf(connection), since));
  }

  close(connection: Connection): void {
    const feed = this.#feeds.get(connection);
    this.#feeds.delete(connection);
    if (feed) this.chat.inbox.feeds.close(feed);
  }
}

function principalOf({ ticket: { person, session, network, key } }: Connection) {
  return { person: { id: person }, session, network, key };
}

function listenerOf(connection: Connection): InboxListener {
  return {
    principal: principalOf(connection),
    send: (frame: InboxFrame) => connection.send(frame),
    listen(room) {
      connection.subscribe(headTopic(room));
      return true;
    },
    unlisten: (room) => connection.unsubscribe(headTopic(room)),
  };
}
