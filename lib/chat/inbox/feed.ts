import type { InboxRoom, InboxState } from "../../model/inbox/inbox.ts";
import type { InboxFrame, LeftRoom } from "../../model/wire/inbox.ts";
import type { Principal } from "../moderation/access.ts";

/** A socket or a stream on which someone is told of their inbox. */
export interface InboxListener {
  readonly principal: Principal;
  send(frame: InboxFrame): void;
  /**
   * The heads of the room are for it from now on. True: it hears what is pushed to the audience;
   * false: each is to be sent to it.
   */
  listen(room: string): boolean;
  unlisten(room: string): void;
}

/** A room as it may be told to someone: one that they may not enter is one that they do not follow. */
export type ToldRoom = (InboxRoom & { readonly followed: true }) | LeftRoom;

/** One listener, and how far it was told. */
export class Feed {
  /** What was read for it last; 0: nothing yet, or everything has to be read again. */
  version = 0;
  /** Rooms whose heads it is told of. */
  readonly rooms = new Set<string>();
  /** Rooms that are told again, changed or not. */
  readonly asked = new Set<string>();
  isReading = false;
  #isTold = false;

  constructor(
    readonly listener: InboxListener,
    /** The version its client has; 0: none. */
    public has: number,
  ) {}

  get person(): string {
    return this.listener.principal.person.id;
  }

  get network(): string {
    return this.listener.principal.network;
  }

  /** Everything is read again, and told to a client that has the version `has`. */
  again(has: number): void {
    this.version = 0;
    this.has = has;
    this.#isTold = false;
  }

  takeAsked(): readonly string[] {
    const asked = [...this.asked];
    this.asked.clear();
    return asked;
  }

  /**
   * Sends what was read: all of it, or what is different. A client that has this version already is
   * told of rooms with anything unread, since their heads are no part of the version.
   */
  send(state: InboxState, told: readonly ToldRoom[], isFull: boolean): void {
    const { version } = state;
    const isKnown = isFull && this.has > 0 && version === this.has;
    const rooms = isKnown ? told.filter((room) => room.followed && room.head > room.read) : told;
    const items = isKnown ? [] : state.items;
    this.version = this.has = version;
    const settings = state.settings && !isKnown ? { settings: state.settings } : {};
    const isEmpty = rooms.length === 0 && items.length === 0 && !("settings" in settings);
    if (this.#isTold && isEmpty) return;
    this.#isTold = true;
    const full = isFull && !isKnown ? { full: true as const } : {};
    this.listener.send({ type: "inbox", version, ...full, rooms, items, ...settings });
  }
}
