import type { InboxRoom, InboxState } from "../../model/inbox/inbox.ts";
import type { InboxFrame, LeftRoom } from "../../model/wire/inbox.ts";
import type { Principal } from "../moderation/access.ts";

/** A socket or stream that receives a person's inbox. */
export interface InboxListener {
  readonly principal: Principal;
  send(frame: InboxFrame): void;
  /**
   * Subscribes to the heads of the room. True: it receives what is pushed to the audience; false:
   * each head must be sent to it.
   */
  listen(room: string): boolean;
  unlisten(room: string): void;
}

/** A room as sent to someone: one they may not enter appears as not followed. */
export type ToldRoom = (InboxRoom & { readonly followed: true }) | LeftRoom;

/** A listener, and what it has been sent. */
export class Feed {
  /** The last version read; 0: none, or everything must be read again. */
  version = 0;
  /** Rooms whose heads it receives. */
  readonly rooms = new Set<string>();
  /** Rooms to be sent again, changed or not. */
  readonly asked = new Set<string>();
  isReading = false;
  #isTold = false;

  constructor(
    readonly listener: InboxListener,
    /** The version that the client has; 0: none. */
    public has: number,
  ) {}

  get person(): string {
    return this.listener.principal.person.id;
  }

  get network(): string {
    return this.listener.principal.network;
  }

  /** Starts over, for a client that has the version `has`. */
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
   * Sends what was read: everything, or the changes. If the client has this version already, sends
   * rooms with unread messages, because heads are not part of the version.
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
