import type { Author } from "../people/person.ts";
import type { RoomKind } from "../rooms/rules.ts";

/** What of a room someone wants to be told of while they look elsewhere. */
export const NOTICE_LEVELS = ["all", "mentions", "none"] as const;
export type NoticeLevel = (typeof NOTICE_LEVELS)[number];

/** Who may begin a private talk with someone. */
export const WRITERS = ["everyone", "members", "nobody"] as const;
export type Writers = (typeof WRITERS)[number];

/** People in one private talk, the one who begins it among them. */
export const TALK_LIMIT = 8;
/** People one person may block. */
export const BLOCK_LIMIT = 200;

/** What someone has chosen for all of their inbox. */
export interface InboxSettings {
  readonly writers: Writers;
  readonly blocked: readonly Author[];
}

/** What a room said last, shortened to `LAST_WORDS` characters. */
export interface LastWords {
  readonly seq: number;
  readonly author: Author;
  readonly text: string;
  readonly at: number;
}
export const LAST_WORDS = 140;

/** Unread messages are counted up to this number; it stands for itself and more. */
export const UNREAD_LIMIT = 100;
/** Rooms, and items, of one inbox that are told: those that changed last. */
export const INBOX_LIMIT = 200;

/** One followed room, as it stands for one person. */
export interface InboxRoom {
  readonly room: string;
  readonly kind: RoomKind;
  /** The others, in a private talk; nobody is listed in other rooms. */
  readonly people?: readonly Author[];
  /** False: they do not follow it any more, and nothing else is told of it. */
  readonly followed: boolean;
  /** The last `seq` they have read; 0: none. */
  readonly read: number;
  /** The room's last `seq`. */
  readonly head: number;
  /** Messages of others after `read`, up to `UNREAD_LIMIT`. */
  readonly unread: number;
  /** Mentions of them after `read`. */
  readonly mentions: number;
  readonly level: NoticeLevel;
  /** Until when they are told of nothing at all, in ms since 1970; 0: no such time. */
  readonly quietUntil: number;
  readonly last?: LastWords;
}

/** Something that waits for one person: it stays until it is done. */
export interface InboxItem {
  readonly id: string;
  readonly kind: "mention" | "invitation" | "report";
  readonly room: string;
  /** The message it is about; 0: none. */
  readonly seq: number;
  readonly author: Author;
  readonly at: number;
  /** Mentions are done when the room is read as far; others when they are answered. */
  readonly done: boolean;
  /** Of the message, as it now stands, shortened as `LastWords`. */
  readonly text?: string;
}

/** An item to be put into inboxes. */
export type NewItem = Omit<InboxItem, "done" | "text">;

/** A room in an inbox, with what decides who may be told of it. */
export interface StoredRoom extends InboxRoom {
  /** Anyone may be there, and this person was not put out: no right needs to be looked up. */
  readonly isPlain: boolean;
}

/** What changed in an inbox after a version, or all of it. */
export interface InboxState {
  readonly version: number;
  readonly rooms: readonly StoredRoom[];
  readonly items: readonly InboxItem[];
  /** Only where they changed. */
  readonly settings?: InboxSettings;
}

/** Whose inbox is read, under which names they may have been put out of rooms, and when. */
export interface InboxReader {
  readonly person: string;
  readonly subjects: readonly string[];
  readonly now: number;
}

/** A change of one person's inbox. */
export type InboxChange = { readonly person: string; readonly room: string } & (
  | {
      /** Follows the room from now on, and is called `name` there. `read` holds where it is new. */
      readonly kind: "follow";
      readonly name: string;
      readonly read: number;
      readonly at: number;
    }
  /** Read as far as `seq`, if not further already. Nothing where they do not follow the room. */
  | { readonly kind: "read"; readonly seq: number }
  /** `seq` and what follows is unread again. */
  | { readonly kind: "unread"; readonly seq: number }
  /** Both stay as they are where they are left out. */
  | { readonly kind: "level"; readonly level?: NoticeLevel; readonly quietUntil?: number }
  | { readonly kind: "leave" }
);

/** A message with an `@` in it, or of a private talk, that nobody has put into inboxes yet. */
export interface PendingMention {
  readonly room: string;
  readonly seq: number;
  readonly author: Author;
  readonly text: string;
  readonly at: number;
}

/** Someone who was called by name in a message. */
export interface FoundMention {
  readonly message: PendingMention;
  readonly person: Author;
}

/**
 * What each person follows, has read, and what waits for them. Each has a version, a number that
 * grows with every change of their inbox. Any method may reject where the database fails.
 */
export interface InboxRecords {
  /** The versions of those who have an inbox. */
  versions(people: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * All that is followed and waits (`since` 0), or what is different from version `since`: rooms that
   * were read, left or set otherwise, and rooms with anything unread.
   */
  read(reader: InboxReader, since: number): Promise<InboxState>;
  /** What changed after version `since`, and these rooms. */
  readRooms(reader: InboxReader, since: number, rooms: readonly string[]): Promise<InboxState>;
  /** How far someone has read a room they follow; null where they do not follow it. */
  readTo(person: string, room: string): Promise<number | null>;
  /** In one transaction. Resolves to the ids of the people whose inboxes are different now. */
  change(changes: readonly InboxChange[]): Promise<ReadonlySet<string>>;
  /** Everything is read. Resolves to whether anything was not. */
  readAll(person: string): Promise<boolean>;

  /**
   * Who is known in a room by one of these names, in lower case: who has it in their inbox, and who
   * has just spoken there. At most `limit`.
   */
  called(room: string, names: readonly string[], limit: number): Promise<readonly Author[]>;
  /** The oldest messages whose mentions wait; they are written down with the message itself. */
  pendingMentions(limit: number): Promise<readonly PendingMention[]>;
  /**
   * Puts mentions into inboxes, queues notices for those who were called and those who were spoken
   * to in a private talk, and takes the messages off the list, in one transaction; doing it twice is
   * once. Resolves to the ids of the people whose inboxes are different now.
   */
  settleMentions(
    done: readonly PendingMention[],
    found: readonly FoundMention[],
    spokenTo?: readonly FoundMention[],
  ): Promise<ReadonlySet<string>>;

  /** The people of a private talk, without one of them. */
  talkPeople(room: string, person: string): Promise<readonly Author[]>;
  /** A room as it stands for one person; null where they do not follow it. */
  standing(
    person: string,
    room: string,
  ): Promise<Pick<InboxRoom, "read" | "level" | "quietUntil"> | null>;

  /** Who has blocked this person. */
  blockers(person: string): Promise<ReadonlySet<string>>;
  /** Whether all of these let the person begin a private talk with them. */
  mayBegin(person: string, isGuest: boolean, others: readonly string[]): Promise<boolean>;
  /** Whether the other one in a private talk of two has blocked this person. */
  isRefused(room: string, person: string): Promise<boolean>;
  /** Of those of these people who have been here: what they are called, by id. */
  names(people: readonly string[]): Promise<ReadonlyMap<string, string>>;
  setWriters(person: string, writers: Writers, at: number): Promise<void>;
  /** False where they have blocked `BLOCK_LIMIT` people already. */
  block(person: string, other: Author, on: boolean, at: number): Promise<boolean>;

  /** Puts something that waits into these people's inboxes; resolves to whose are different now. */
  addItem(people: readonly string[], item: NewItem): Promise<ReadonlySet<string>>;
  /** It is done: for one person, or for all for whom it waits (null). Resolves to for whom it was. */
  finishItem(id: string, person: string | null): Promise<ReadonlySet<string>>;
  /** Who looks after a room, by their ids: in it, or in all rooms. */
  keepers(room: string, limit: number): Promise<readonly string[]>;

  /** Notes that someone was here, so that a guest's inbox is kept. */
  visited(person: string, now: number): Promise<void>;
  /** Forgets some inboxes of guests who were not here since `before`; resolves to how many. */
  forgetGuests(before: number, limit: number): Promise<number>;
}
