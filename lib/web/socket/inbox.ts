import type { Feed, InboxListener } from "../../chat/inbox/feed.ts";
import type { Inbox } from "../../chat/inbox/inbox.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Refusal } from "../../model/base/errors.ts";
import type { InboxFrame, InboxRequest } from "../../model/wire/inbox.ts";
import type { Connection } from "./connection.ts";
import type { reportFault } from "./dispatch.ts";
import { headTopic } from "./publisher.ts";

/** The inboxes that are looked at on this node's sockets. */
export class SocketInboxes {
  readonly #feeds = new Map<Connection, Feed>();

  constructor(
    readonly inbox: Inbox,
    /** Counts one request, or says why it is one too many. */
    readonly refuse: (connection: Connection) => Refusal | null,
    readonly observer: Observer,
    readonly report: typeof reportFault,
  ) {}

  /** Does what a frame asks for. Never rejects. */
  async receive(connection: Connection, frame: InboxRequest & { ref?: string }): Promise<void> {
    const { ref } = frame;
    try {
      const slow = this.refuse(connection);
      if (frame.type === "inbox" && !slow) {
        this.open(connection, frame.since);
        return;
      }
      const { name } = connection.author;
      const refusal =
        slow ??
        (frame.type === "mark" && (await this.inbox.mark(principalOf(connection), name, frame)));
      if (refusal) connection.refuse(refusal, { ref });
    } catch (fault) {
      this.report(this.observer, connection, fault, ref);
    }
  }

  /** Sends the person's inbox on this socket, from now on; once more where it does already. */
  open(connection: Connection, since: number): void {
    const feed = this.#feeds.get(connection);
    if (feed) this.inbox.feeds.reopen(feed, since);
    else this.#feeds.set(connection, this.inbox.feeds.open(listenerOf(connection), since));
  }

  close(connection: Connection): void {
    const feed = this.#feeds.get(connection);
    this.#feeds.delete(connection);
    if (feed) this.inbox.feeds.close(feed);
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
