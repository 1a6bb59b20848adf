import { type Author, type Person, personName } from "../../model/people/person.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { FileInfo } from "../../model/files/file.ts";
import { type InboxItem, NOTICE_LEVELS, WRITERS } from "../../model/inbox/inbox.ts";
import { ROLES } from "../../model/people/role.ts";
import { roomName } from "../../model/rooms/room.ts";
import { ROOM_KINDS, type RoomAbout } from "../../model/rooms/rules.ts";
import type { Deleted, Edited, Message, Reacted } from "../../model/wire/event.ts";
import type { InboxFrame } from "../../model/wire/inbox.ts";
import { isShort, SHORT } from "../../model/wire/check.ts";
import { HISTORY_LIMIT } from "../../model/wire/limits.ts";
import {
  anyOf,
  choice,
  component,
  constant,
  custom,
  flag,
  list,
  object,
  record,
  text,
  whole,
} from "./schema.ts";

/** The parameters and objects shared by several operations. */

export const ROOM = custom(
  { type: "string", description: "A room's name; any spelling of it.", minLength: 1 },
  (value) => (typeof value === "string" ? roomName(value) : null) ?? new Refusal("noSuchRoom"),
);
export const PERSON_ID = custom(
  { type: "string", description: "A person's id.", pattern: "^[\\w:-]{1,64}$" },
  (value) =>
    typeof value === "string" && /^[\w:-]{1,64}$/.test(value) ? value : new Refusal("noSuchPerson"),
);
export const NAME = custom(
  { type: "string", description: "A name to be called by.", minLength: 1, maxLength: 32 },
  (value, name) =>
    typeof value === "string" ? personName(value) : new Refusal("string", { name }),
);
export const MESSAGE_ID = custom(
  { type: "string", description: "Chosen by the client.", minLength: 1, maxLength: SHORT },
  (value) =>
    isShort(value) && !/\p{C}/u.test(value) ? value : new Refusal("idString", { count: SHORT }),
);
/** The length of a message's text is checked when it is posted. */
export const WORDS = custom(
  { type: "string", description: "The text, with marks.", maxLength: 8_000 },
  (value, name) => (typeof value === "string" ? value : new Refusal("string", { name })),
);
export const SEQ = whole("The number of a message in its room.", 1);
export const LIMIT = whole("Entries of one page.", 1, HISTORY_LIMIT, 50);
export const SKIP = whole("Entries to pass over.", 0, 1_000_000, 0);
export const MORE = flag("Whether there is another page; `Link` then says where.");
const AT = whole("Milliseconds since 1970.");

const author = {
  id: text("The same for as long as it is the same person."),
  name: text("Empty for a guest without a name."),
};
const bot = { bot: constant(true) };
const role = choice("In this room.", ROLES);

export const AUTHOR = component("Author", object(author, bot));
export const PERSON = component("Person", object({ ...author, role }, bot));
export const FILE = component(
  "FileInfo",
  object(
    {
      id: text("32 hexadecimal digits."),
      name: text("Up to 128 characters."),
      type: text("Media type, found from the content."),
      size: whole("Bytes."),
    },
    { width: whole("Of a picture, in pixels."), height: whole("Of a picture, in pixels.") },
  ),
);
export const MESSAGE = component(
  "Message",
  object(
    {
      type: constant("message"),
      seq: SEQ,
      id: text("As its author sent it."),
      author: AUTHOR,
      text: text("Empty where it was deleted."),
      at: AT,
    },
    {
      replyTo: SEQ,
      files: list("In the order in which they were sent.", FILE),
      html: text("Safe HTML; only where the text has mark-up."),
      editedAt: AT,
      deleted: constant(true),
      reactions: record("By emoji, who reacted with it.", list("In their order.", AUTHOR)),
    },
  ),
);
const change = { seq: SEQ, target: SEQ, author: AUTHOR, at: AT };
export const EDITED = component(
  "Edited",
  object(
    { type: constant("edited"), ...change, text: text("The new text.") },
    { html: text("Safe HTML."), files: list("The files from now on, where they change.", FILE) },
  ),
);
export const DELETED = component("Deleted", object({ type: constant("deleted"), ...change }));
export const REACTED = component(
  "Reacted",
  object({
    type: constant("reacted"),
    ...change,
    emoji: text("One emoji."),
    on: flag("False where the reaction was taken back."),
  }),
);
export const ABOUT = component(
  "RoomAbout",
  object({
    kind: choice("Who comes in.", ROOM_KINDS),
    topic: text("Empty: none."),
    pins: list("The `seq` of pinned messages, the last pinned first.", SEQ),
    readOnly: flag("Only moderators write."),
    locked: flag("Only moderators come in or stay."),
    archived: flag("Nobody writes any more."),
    slow: whole("Seconds between two messages of one person; 0: no slow mode."),
  }),
);
const welcome = {
  type: constant("welcome"),
  room: text("The room's name."),
  epoch: text("Changes when a backup was restored."),
  seq: whole("The room's last event."),
  recovered: flag("Whether every event since `Last-Event-ID` follows."),
};
export const STREAM_EVENT = component(
  "RoomStreamEvent",
  anyOf<unknown>(
    "The data of one server-sent event; its `event` is the `type`, its id `epoch:seq`.",
    component("StreamWelcome", object(welcome, { messages: list("The last ones.", MESSAGE) })),
    MESSAGE,
    EDITED,
    DELETED,
    REACTED,
  ),
);

const LAST = object({ seq: SEQ, author: AUTHOR, text: text("140 characters."), at: AT });
const INBOX_ROOM = component(
  "InboxRoom",
  object(
    { room: text("The room's name.") },
    {
      kind: choice("Of the room.", ROOM_KINDS),
      people: list("The others of a private talk.", AUTHOR),
      followed: flag("False: it is not in the inbox any more."),
      read: whole("The last `seq` that was read."),
      head: whole("The room's last `seq`."),
      count: whole("Messages since the last one that was told; where only the head moved."),
      unread: whole("Messages of others after `read`, up to 100."),
      mentions: whole("Mentions after `read`."),
      level: choice("What one is told of.", NOTICE_LEVELS),
      quietUntil: whole("Until when one is told of nothing; 0: no such time."),
      last: LAST,
    },
  ),
);
const INBOX_ITEM = component(
  "InboxItem",
  object(
    {
      id: text("Of the item."),
      kind: choice("What it is.", ["mention", "invitation", "report"]),
      room: text("The room's name."),
      seq: whole("The message it is about; 0: none."),
      author: AUTHOR,
      at: AT,
      done: flag("Whether it still waits."),
    },
    { text: text("Of the message, 140 characters.") },
  ),
);
export const INBOX = component(
  "Inbox",
  object(
    { type: constant("inbox") },
    {
      version: whole("Where to go on from."),
      full: constant(true),
      rooms: list("Rooms that changed.", INBOX_ROOM),
      items: list("Items that changed.", INBOX_ITEM),
      settings: object({
        writers: choice("Who may begin a private talk.", WRITERS),
        blocked: list("Whom one has blocked.", AUTHOR),
      }),
    },
  ),
);

// The schemas repeat the program's types; these lines do not compile if they differ.
type Same<A, B> = A extends B ? true : never;
type Checked<S> = S extends { check(value: unknown, at: string): infer T }
  ? Exclude<T, Refusal>
  : never;
true satisfies Same<Author, Checked<typeof AUTHOR>>;
true satisfies Same<Person, Checked<typeof PERSON>>;
true satisfies Same<FileInfo, Checked<typeof FILE>>;
true satisfies Same<Message, Checked<typeof MESSAGE>>;
true satisfies Same<Edited, Checked<typeof EDITED>>;
true satisfies Same<Deleted, Checked<typeof DELETED>>;
true satisfies Same<Reacted, Checked<typeof REACTED>>;
true satisfies Same<RoomAbout, Checked<typeof ABOUT>>;
true satisfies Same<InboxFrame, Checked<typeof INBOX>>;
true satisfies Same<InboxItem, Checked<typeof INBOX_ITEM>>;
