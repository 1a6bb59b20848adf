import type { Message } from "../../../lib/model/wire/event.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/model/wire/frame.ts";
import type { Person } from "../../../lib/model/people/person.ts";
import type { RoomAbout } from "../../../lib/model/rooms/rules.ts";
import type { Places } from "../net/places.ts";

/** What the dialogs about people and messages need of the room's page. */
export interface PeopleHooks {
  readonly ask: (frame: ClientFrame) => Promise<ServerFrame | null>;
  readonly me: () => Person;
  readonly about: () => RoomAbout;
  readonly find: (seq: number) => Message | undefined;
  readonly mayDelete: (message: Message) => boolean;
  readonly reply: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly react: (message: Message, emoji: string) => void;
  /** Reacts with an emoji from the picker. */
  readonly pick: (message: Message) => void;
  readonly copyLink: (message: Message) => void;
  /** The reader's inbox. */
  readonly places: Places;
  /** Deletes a message for everyone. */
  readonly remove: (message: Message) => void;
  /** Inserts words into the composer. */
  readonly insert: (text: string) => void;
  /** Shows a message, wherever it is. */
  readonly show: (seq: number) => void;
  /** Draws the messages again. */
  readonly changed: () => void;
}

/** The room's page, as the dialogs see it. */
export interface PeoplePage {
  readonly hooks: PeopleHooks;
  /** Messages shown as deleted that can still be restored. */
  readonly covered: Set<number>;
}
