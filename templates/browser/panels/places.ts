import type { InboxRoom } from "../../../lib/model/inbox/inbox.ts";
import { UNREAD_LIMIT } from "../../../lib/model/inbox/inbox.ts";
import { isDirectName, roomPath, talkPath } from "../../../lib/model/rooms/rules.ts";
import type { ClientFrame } from "../../../lib/model/wire/frame.ts";
import type { Choose, InboxFrame, Mark, MarkAll } from "../../../lib/model/wire/inbox.ts";
import { below, page } from "../base/dom.ts";
import { forgetRoom, type Notify, remember, type RoomMemory, rooms } from "../base/memory.ts";
import { nameOf } from "../base/said.ts";
import { t } from "../base/words.ts";
import { Inbox, mark } from "../net/inbox.ts";

/** A room or a private talk, as the sidebar, the lobby and the switcher list it. */
export interface Place {
  readonly kind: "room" | "person";
  /** The room's name in the protocol. */
  readonly room: string;
  /** Its page, below the base path. */
  readonly path: string;
  /** What people call it: the room's name, or the others' in a private talk. */
  readonly title: string;
  /** Messages of others that were not read, up to `UNREAD_LIMIT`; 0 where the room is muted. */
  readonly unread: number;
  /** How many of them call the reader by name. */
  readonly mentions: number;
  readonly last: { readonly name: string; readonly text: string } | undefined;
}
export { UNREAD_LIMIT };

/** How long someone stays in a room, or until they touch it, before they follow it. */
const STAY_MS = 10_000;

const order = new Intl.Collator(page.language, { numeric: true });
const names = new Intl.ListFormat(page.language, { type: "conjunction" });

/** The rooms and private talks of the reader, with what is new in them. */
export class Places {
  readonly inbox: Inbox;
  /** Chosen here, and not told by the server yet. */
  #chosen: Notify | null = null;

  constructor(
    /** The open room; empty in the lobby. */
    readonly current: string,
    /** Sends by the open room's socket; false where there is none, or it is not open. */
    readonly send: (frame: ClientFrame) => boolean,
    /** Told whether the settings of the inbox are among what changed. */
    onChange: (hasSettings: boolean) => void,
  ) {
    this.inbox = new Inbox(onChange);
  }

  /** The version to go on from where the connection was lost. */
  get since(): number {
    return this.inbox.isLive ? this.inbox.version : 0;
  }

  apply(frame: InboxFrame): void {
    this.inbox.apply(frame);
    this.#learn();
  }

  /** By title, so that nothing moves when something is said. */
  get all(): readonly Place[] {
    const followed = [...this.inbox.rooms.values()].filter(
      ({ room, kind, head }) => kind !== "direct" || head > 0 || room === this.current,
    );
    const visited = Object.entries(rooms()).filter(
      ([room]) => !this.inbox.rooms.has(room) && !isDirectName(room),
    );
    const places = [
      ...followed.map((room) => this.#place(room)),
      ...visited.map(([room, memory]) => unfollowed(room, memory)),
    ];
    return places.sort((a, b) => order.compare(a.title, b.title));
  }

  /** Messages elsewhere that someone wants to be told of: private ones, and mentions. */
  get calls(): number {
    const others = this.all.filter(({ room }) => room !== this.current);
    return others.reduce((sum, { kind, unread, mentions }) => {
      return sum + (kind === "person" ? unread : mentions);
    }, 0);
  }

  /** What the server knows of the open room; undefined where it is not followed. */
  get here(): InboxRoom | undefined {
    return this.inbox.rooms.get(this.current);
  }

  /** Everything is read, on all devices. */
  readAll(): void {
    this.#mark({ all: true });
  }

  /** It and what follows is unread again, on all devices. */
  markUnread(seq: number): void {
    this.#mark({ room: this.current, unread: seq });
  }

  /** What the reader wants to be told of in the open room, on all devices. */
  choose(level: Notify): void {
    remember(this.current, { notify: level });
    this.#chosen = level;
    this.#mark({ room: this.current, level });
  }

  forget(room: string): void {
    forgetRoom(room);
    this.inbox.rooms.delete(room);
    this.inbox.onChange(false);
    this.#mark({ room, follow: false });
  }

  /** By the socket, so that what is done next comes after it; otherwise by a request. */
  #mark(fields: Omit<Mark, "type"> | Omit<MarkAll, "type"> | Omit<Choose, "type">): void {
    if (!this.send({ type: "mark", ...fields })) void mark(fields);
  }

  #place({ room, kind, people = [], unread, mentions, level, quietUntil, last }: InboxRoom): Place {
    const isTold = level !== "none" && quietUntil < Date.now() && room !== this.current;
    return {
      kind: kind === "direct" ? "person" : "room",
      room,
      path: pathOf({ room, people }),
      title: kind === "direct" ? names.format(people.map(nameOf)) || t.privateTalk : room,
      unread: isTold ? unread : 0,
      mentions: isTold ? mentions : 0,
      last: last && { name: nameOf(last.author), text: last.text },
    };
  }

  /** Being in the open room answers an invitation; what was chosen on another device holds here. */
  #learn(): void {
    const invited = this.inbox.items.get(`invitation:${this.current}`);
    if (invited && !invited.done) this.#mark({ done: invited.id });
    const { here } = this;
    if (!here || (this.#chosen ?? here.level) !== here.level) return;
    this.#chosen = null;
    remember(this.current, { notify: here.level });
  }

  /**
   * Lets someone follow the open room who means to be in it: who came by a link of these pages, stays
   * a while, or touches something.
   */
  stays(): void {
    const follow = () => this.#mark({ room: this.current, follow: true });
    if (document.referrer.startsWith(below("").href)) return follow();
    const decided = () => {
      clearTimeout(staying);
      for (const kind of TOUCHES) removeEventListener(kind, decided);
      follow();
    };
    const staying = setTimeout(decided, STAY_MS);
    for (const kind of TOUCHES) addEventListener(kind, decided);
  }
}

const TOUCHES = ["pointerdown", "keydown"] as const;

/** A room that this browser was in, and that is not in the inbox. */
function unfollowed(room: string, { last }: RoomMemory): Place {
  return { kind: "room", room, path: roomPath(room), title: room, unread: 0, mentions: 0, last };
}

/** The page of a room or, by its people, of a private talk. */
export function pathOf({ room, people = [] }: Pick<InboxRoom, "room" | "people">): string {
  return people.length > 0 ? talkPath(people) : roomPath(room);
}
