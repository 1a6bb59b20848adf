import type { InboxItem, InboxRoom } from "../../../lib/model/inbox/inbox.ts";
import { UNREAD_LIMIT } from "../../../lib/model/inbox/inbox.ts";
import { isDirectName, roomPath, talkPath } from "../../../lib/model/rooms/rules.ts";
import type { ClientFrame } from "../../../lib/model/wire/frame.ts";
import type { Choose, InboxFrame, Mark, MarkAll } from "../../../lib/model/wire/inbox.ts";
import { below, page } from "../base/dom.ts";
import { forgetRoom, type Notify, remember, type RoomMemory, rooms } from "../base/memory.ts";
import { nameOf } from "../base/excerpts.ts";
import { t } from "../base/words.ts";
import { Inbox, mark } from "./inbox.ts";

/** A room or private talk, as in the sidebar, the lobby and the switcher. */
export interface Place {
  readonly kind: "room" | "person";
  /** The room's name in the protocol. */
  readonly room: string;
  /** Its page, below the base path. */
  readonly path: string;
  /** Its shown name: that of the room, or of the people of a private talk. */
  readonly title: string;
  /** Unread messages of others, up to `UNREAD_LIMIT`; 0 if the room is muted. */
  readonly unread: number;
  /** Unread mentions of the reader. */
  readonly mentions: number;
  readonly last: { readonly name: string; readonly text: string } | undefined;
}
export { UNREAD_LIMIT };

/** A visitor follows a room after this time in it, or on touching it. */
const STAY_MS = 10_000;

const order = new Intl.Collator(page.language, { numeric: true });
const names = new Intl.ListFormat(page.language, { type: "conjunction" });

/** The reader's rooms and private talks, with what is new in them. */
export class Places {
  readonly inbox: Inbox;
  /** Chosen here, not confirmed by the server yet. */
  #chosen: Pick<InboxRoom, "level" | "quietUntil"> | null = null;

  constructor(
    /** The open room; empty in the lobby. */
    readonly current: string,
    /** Sends through the open room's socket; false if it is not open. */
    readonly send: (frame: ClientFrame) => boolean,
    /** Receives whether the inbox's settings changed. */
    onChange: (hasSettings: boolean) => void,
  ) {
    this.inbox = new Inbox(onChange);
  }

  /** The version to resume from after a lost connection. */
  get since(): number {
    return this.inbox.isLive ? this.inbox.version : 0;
  }

  apply(frame: InboxFrame): void {
    this.inbox.apply(frame);
    this.#learn();
  }

  /** By title, so that the order does not depend on messages. */
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

  /** The number of unread private messages and mentions elsewhere. */
  get calls(): number {
    const others = this.all.filter(({ room }) => room !== this.current);
    return others.reduce((sum, { kind, unread, mentions }) => {
      return sum + (kind === "person" ? unread : mentions);
    }, 0);
  }

  /** Open mentions, invitations and reports, newest first. */
  get waiting(): readonly InboxItem[] {
    const { items, rooms } = this.inbox;
    const open = [...items.values()].filter(({ done, kind, room, seq }) => {
      return !done && (kind !== "mention" || (rooms.get(room)?.read ?? 0) < seq);
    });
    return open.sort((a, b) => b.at - a.at);
  }

  get hasUnread(): boolean {
    return [...this.inbox.rooms.values()].some(({ unread }) => unread > 0);
  }

  /** The open room in the inbox; undefined if it is not followed. */
  get here(): InboxRoom | undefined {
    return this.inbox.rooms.get(this.current);
  }

  /** Marks everything read, on all devices. */
  readAll(): void {
    this.#mark({ all: true });
  }

  /** Marks an item as done, on all devices. */
  finish(item: string): void {
    this.#mark({ done: item });
  }

  /** Marks it and what follows unread, on all devices. */
  markUnread(seq: number): void {
    this.#mark({ room: this.current, unread: seq });
  }

  /** Sets the open room's notification level on all devices, and silences it until `quietUntil`. */
  choose(level: Notify, quietUntil = 0): void {
    remember(this.current, { notify: level, quietUntil });
    this.#chosen = { level, quietUntil };
    this.#mark({ room: this.current, follow: true, level, quietUntil });
  }

  forget(room: string): void {
    forgetRoom(room);
    this.inbox.rooms.delete(room);
    this.inbox.onChange(false);
    this.#mark({ room, follow: false });
  }

  /** Through the socket, to keep the order of later frames; otherwise by a request. */
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

  /** Entering a room answers its invitation; adopts choices made on other devices. */
  #learn(): void {
    const invited = this.inbox.items.get(`invitation:${this.current}`);
    if (invited && !invited.done) this.finish(invited.id);
    const { here } = this;
    if (!here) return;
    const { level, quietUntil } = here;
    const chosen = this.#chosen ?? here;
    if (chosen.level !== level || chosen.quietUntil !== quietUntil) return;
    this.#chosen = null;
    remember(this.current, { notify: level, quietUntil });
  }

  /**
   * Follows the open room for visitors who mean to stay: they came by a link of these pages, stayed
   * a while, or touched something.
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

/** A room visited in this browser that is not in the inbox. */
function unfollowed(room: string, { last }: RoomMemory): Place {
  return { kind: "room", room, path: roomPath(room), title: room, unread: 0, mentions: 0, last };
}

/** The page of a room or, by its people, of a private talk. */
export function pathOf({ room, people = [] }: Pick<InboxRoom, "room" | "people">): string {
  return people.length > 0 ? talkPath(people) : roomPath(room);
}
