import { mentions } from "../../../lib/model/people/mention.ts";
import type { Person, Role } from "../../../lib/model/people/person.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import type { PeopleSide } from "../people/lazy.ts";
import type { History } from "./history.ts";
import type { Shown } from "./row.ts";

/** The people in the room, as far as messages depend on them. */
export interface Around {
  readonly myName: string;
  roleOf(id: string): Role | undefined;
}

/** The reader's pending changes. */
export interface Waiting {
  /** The message with pending changes, and whether there are any. */
  seen(message: Message): { readonly message: Message; readonly waits: boolean };
  /** Changes whenever `seen` does. */
  look(seq: number): string;
}

/** How messages are shown, as far as that depends on more than the message. */
export class Looks {
  constructor(
    readonly me: () => Person,
    readonly people: Around,
    readonly inbox: { isBlocked(id: string): boolean },
    readonly history: () => Pick<History, "one">,
    readonly side: () => PeopleSide,
    readonly waiting: () => Waiting,
  ) {}

  isMine({ author }: Pick<Message, "author">): boolean {
    return author.id === this.me().id;
  }

  of(message: Message): Omit<Shown, "first"> {
    const { message: seen, waits } = this.waiting().seen(message);
    return {
      message: this.side().shown(seen),
      waits,
      mine: this.isMine(message),
      mentions: !this.isMine(message) && mentions(message.text, this.people.myName),
      blocked: this.inbox.isBlocked(message.author.id),
      quoted: this.#quoted(message),
      role: this.people.roleOf(message.author.id),
    };
  }

  /** Changes whenever `of` does for the same message. */
  key(message: Message): string {
    const { seq, editedAt, deleted } = this.#quoted(message) ?? {};
    const role = this.people.roleOf(message.author.id);
    const isCovered = this.side().covered.has(message.seq);
    const isBlocked = this.inbox.isBlocked(message.author.id);
    const waits = this.waiting().look(message.seq);
    const own = [waits, this.me().id, this.people.myName, role, isCovered, isBlocked];
    return [...own, seq, editedAt, deleted].join();
  }

  #quoted({ replyTo }: Message): Message | undefined {
    return replyTo === undefined ? undefined : this.history().one(replyTo);
  }
}
