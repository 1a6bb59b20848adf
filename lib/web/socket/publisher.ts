import type { Audience } from "../../chat/live/hub.ts";
import type { Message, RoomEvent } from "../../model/wire/event.ts";
import type { PersonRead, PersonTyping, Presence } from "../../model/wire/frame.ts";
import type { HeadAudience } from "../../chat/inbox/feeds.ts";
import type { InboxFrame } from "../../model/wire/inbox.ts";
import type { Connection } from "./connection.ts";
import type { SocketDirectory } from "./directory.ts";
import { grouped, plainLine } from "./encode.ts";

/** Room names contain no colon, so topics of different kinds never collide. */
export const jsonTopic = (room: string) => `json:${room}`;
/** Separate from the room's other frames: a joiner follows it a tick later. */
export const presenceTopic = (room: string) => `presence:${room}`;
/** For people who follow the room from elsewhere. */
export const headTopic = (room: string) => `heads:${room}`;
export const textTopic = (room: string) => `text:${room}`;

/** The audience on this node: publishes once for each protocol, however many listen. */
export class SocketAudience implements Audience, HeadAudience {
  constructor(readonly directory: SocketDirectory) {}

  deliver(room: string, events: readonly RoomEvent[]): void {
    const server = this.#server;
    if (!server) return;
    if (server.subscriberCount(jsonTopic(room)) > 0) {
      for (const frame of grouped(events)) this.#publish(jsonTopic(room), frame);
    }
    if (server.subscriberCount(textTopic(room)) > 0) {
      for (const event of events) {
        if (event.type !== "message") continue;
        if (event.files) this.#sendEach(room, event);
        else this.#publish(textTopic(room), plainLine(event, ""));
      }
    }
  }

  /**
   * Every connection of a node has the same server; without connections there is nobody to send to.
   */
  get #server(): Connection["server"] | undefined {
    const [connection] = this.directory;
    return connection?.server;
  }

  /** The addresses of files depend on the address by which each reader connected. */
  #sendEach(room: string, message: Message): void {
    for (const connection of this.directory.of(room)) {
      if (connection.isLive && !connection.ticket.json) connection.send(message);
    }
  }

  #publish(topic: string, data: string): void {
    const server = this.#server;
    if (!server) return;
    server.publish(topic, data, false);
    this.directory.unread.sent(data.length * server.subscriberCount(topic));
  }

  pushHead(room: string, frame: InboxFrame): void {
    this.#publish(headTopic(room), JSON.stringify(frame));
  }

  push(room: string, frame: Presence | PersonTyping | PersonRead): void {
    const topic = frame.type === "presence" ? presenceTopic(room) : jsonTopic(room);
    this.#publish(topic, JSON.stringify(frame));
  }
}
