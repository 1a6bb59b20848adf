import type { Person, Role } from "../../../lib/model/people/person.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import type { PeopleSide } from "../people/lazy.ts";
import type { History } from "./history.ts";
import type { Named } from "./named.ts";
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
export class MessageViews {
  constructor(
    readonly people: Around,
    readonly named: Named,
    readonly inbox: { isBlocked(id: string): boolean },
    /** Who reads, and what the page has made later than this. */
    readonly now: () => {
      readonly me: Person;
      readonly history: Pick<History, "one">;
      readonly side: Pick<PeopleSide, "shown" | "covered">;
      readonly doing: Waiting;
    },
  ) {}

  isMine({ author }: Pick<Message, "author">): boolean {
    return author.id === this.now().me.id;
  }

  callsMe(message: Message): boolean {
    if (this.isMine(message) || !message.text.includes("@")) return false;
    const { id } = this.now().me;
    return this.named.parts(message.text).some(({ person }) => person?.id === id);
  }

  of(message: Message): Omit<Shown, "first"> {
    this.named.add(message.author, true);
    this.named.want(message.text);
    const { doing, side } = this.now();
    const { message: seen, waits } = doing.seen(message);
    return {
      message: side.shown(seen),
      waits,
      mine: this.isMine(message),
      mentions: this.callsMe(message),
      parts: (text) => this.named.parts(text),
      blocked: this.inbox.isBlocked(message.author.id),
      quoted: this.#quoted(message),
      role: this.people.roleOf(message.author.id),
    };
  }

  /** Changes whenever `of` does for the same message. */
  key(message: Message): string {
    const { seq, editedAt, deleted } = this.#quoted(message) ?? {};
    const role = this.people.roleOf(message.author.id);
    const isCovered = this.now().side.covered.has(message.seq);
    const isBlocked = this.inbox.isBlocked(message.author.id);
    const { me, doing } = this.now();
    const calls = message.text.includes("@") ? this.named.version : 0;
    const own = [me.id, this.people.myName, role, isCovered, isBlocked, calls];
    return [...own, doing.look(message.seq), seq, editedAt, deleted].join();
  }

  #quoted({ replyTo }: Message): Message | undefined {
    return replyTo === undefined ? undefined : this.now().history.one(replyTo);
  }
}
