/** Who comes into a room: anyone, who knows its password, who was let in, the two it is between. */
export const ROOM_KINDS = ["open", "password", "members", "direct"] as const;
export type RoomKind = (typeof ROOM_KINDS)[number];

/** How a room is kept. Nearly every room is `OPEN_ROOM`, and has no row of its own. */
export interface RoomRules {
  readonly kind: RoomKind;
  /** Empty: none. */
  readonly topic: string;
  /** The `seq` of pinned messages, the last pinned first. */
  readonly pins: readonly number[];
  /** Only moderators write. */
  readonly readOnly: boolean;
  /** Only moderators come in or stay. */
  readonly locked: boolean;
  /** Nobody writes any more, moderators neither. */
  readonly archived: boolean;
  /** Seconds between two messages of one person; 0: no slow mode. */
  readonly slow: number;
  /** Days after which a message's text is erased; 0: never. */
  readonly keepDays: number;
  /** Messages whose text is kept; 0: all of them. */
  readonly keepCount: number;
  /** The lobby shows it to everyone. */
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
/** Slow mode at its slowest: an hour. */
export const SLOW_LIMIT = 3_600;

/** Names kept for conversations between two: a room of such a name is theirs even before it exists. */
const DIRECT = /^direct-[0-9a-f]{32}$/;

export function isDirectName(room: string): boolean {
  return DIRECT.test(room);
}

/** What everyone in a room is told of its rules. */
export type RoomAbout = Pick<
  RoomRules,
  "kind" | "topic" | "pins" | "readOnly" | "locked" | "archived" | "slow"
>;

export function aboutOf(rules: RoomRules): RoomAbout {
  const { kind, topic, pins, readOnly, locked, archived, slow } = rules;
  return { kind, topic, pins, readOnly, locked, archived, slow };
}
