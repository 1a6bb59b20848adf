/** Who may enter: anyone, people with the password, members, or the people of a private talk. */
export const ROOM_KINDS = ["open", "password", "members", "direct"] as const;
export type RoomKind = (typeof ROOM_KINDS)[number];

/** The rules of a room. Nearly every room has `OPEN_ROOM` and no stored rules. */
export interface RoomRules {
  readonly kind: RoomKind;
  /** Empty: none. */
  readonly topic: string;
  /** The `seq` of pinned messages, the last pinned first. */
  readonly pins: readonly number[];
  /** Only moderators may post. */
  readonly readOnly: boolean;
  /** Only moderators may enter or stay. */
  readonly locked: boolean;
  /** Nobody may post, moderators included. */
  readonly archived: boolean;
  /** Seconds between two messages of one person; 0: no slow mode. */
  readonly slow: number;
  /** Days after which a message's text is erased; 0: never. */
  readonly keepDays: number;
  /** The number of messages whose text is kept; 0: all. */
  readonly keepCount: number;
  /** Whether the lobby lists it. */
  readonly listed: boolean;
}

export const OPEN_ROOM: RoomRules = {
  kind: "open",
  topic: "",
  pins: [],
  readOnly: false,
  locked: false,
  archived: false,
  slow: 0,
  keepDays: 0,
  keepCount: 0,
  listed: false,
};

export const TOPIC_LIMIT = 250;
export const PIN_LIMIT = 20;
/** The longest interval of slow mode, in seconds: an hour. */
export const SLOW_LIMIT = 3_600;

/** Names reserved for private talks, which belong to their people even before they begin. */
const DIRECT = /^direct-[0-9a-f]{32}$/;

export function isDirectName(room: string): boolean {
  return DIRECT.test(room);
}

/** The page of a room, below the base path. */
export function roomPath(room: string): string {
  return `rooms/${encodeURIComponent(room)}`;
}

/** The page of the private talk with these people, in any order, below the base path. */
export function talkPath(others: readonly { readonly id: string }[]): string {
  const ids = others.map(({ id }) => encodeURIComponent(id));
  return `people/${ids.sort().join(",")}`;
}

/** The rules that everyone in the room is sent. */
export type RoomAbout = Pick<
  RoomRules,
  "kind" | "topic" | "pins" | "readOnly" | "locked" | "archived" | "slow"
>;

export function aboutOf(rules: RoomRules): RoomAbout {
  const { kind, topic, pins, readOnly, locked, archived, slow } = rules;
  return { kind, topic, pins, readOnly, locked, archived, slow };
}
