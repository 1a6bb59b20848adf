import { Refusal } from "../../model/base/errors.ts";
import type { Files } from "../../model/files/files.ts";
import type {
  Asked,
  Handled,
  HandlerCommand,
  HandlerFile,
  HandlerState,
  Quoted,
  Task,
} from "../../model/handlers/handler.ts";
import { type Author, authorOf, botId, type Role } from "../../model/people/person.ts";
import { atLeast } from "../../model/people/role.ts";
import type { EditDraft, MessageDraft, Store } from "../../model/store.ts";
import type { HandlerHost } from "./host.ts";

export interface GateDeps {
  /** Null: there are none. */
  readonly host: HandlerHost | null;
  readonly store: Pick<Store, "before">;
  readonly files: Pick<Files, "find">;
  /** Does what a handler asks for; seq 0 is no message here. */
  readonly perform: (asked: Asked) => void;
  readonly now: () => number;
}

/** Someone handlers are told of. */
interface Somebody {
  readonly author: Author;
  readonly role: Role;
}
type Tell = (author: Author, text: string) => void;

/** What the rest of the chat knows of handlers: it says what happens, and is told what they want. */
export class HandlerGate {
  constructor(readonly deps: GateDeps) {}

  wants(on: Task["on"], room: string): boolean {
    return this.deps.host?.wants(on, room) ?? false;
  }

  /** Every module of the folder, as it now stands. */
  list(): readonly HandlerState[] {
    return this.deps.host?.list() ?? [];
  }

  /** What the handlers make of a message before it is stored. Never rejects. */
  async judge(draft: MessageDraft | EditDraft, role: Role): Promise<Handled> {
    const { room, author, text, at } = draft;
    const unchanged = { refusal: null, text, actions: [] };
    if (!this.deps.host) return unchanged;
    const isNew = draft.type === "message";
    const [files, replyTo] = await Promise.all([
      isNew ? this.#files(draft.files ?? []) : [],
      isNew && draft.replyTo !== undefined ? this.#quoted(room, draft.replyTo) : null,
    ]);
    const person = { id: author.id, name: author.name, role };
    const seq = isNew ? 0 : draft.target;
    const on = isNew ? "message" : "edit";
    return this.deps.host.handle({ on, room, person, at, text, files, replyTo, seq });
  }

  /** Does what handlers asked for; `seq` is the message they were called for, or null without one. */
  settle({ actions }: Handled, person: string, room: string, seq: number | null, tell: Tell): void {
    for (const { handler, action } of actions) {
      if (action.do === "tell" && action.person === person && action.room === room) {
        tell(botOf(handler), action.text);
      } else if ("seq" in action && action.seq === 0) {
        if (seq !== null) this.deps.perform({ handler, action: { ...action, seq } });
      } else this.deps.perform({ handler, action });
    }
  }

  /** Tells handlers of what has happened. Never throws. */
  happened(
    room: string,
    { author, role }: Somebody,
    what:
      | { readonly on: "join" | "leave" }
      | {
          readonly on: "reaction";
          readonly seq: number;
          readonly emoji: string;
          readonly added: boolean;
        },
  ): void {
    const { host, now, perform } = this.deps;
    if (!host?.wants(what.on, room)) return;
    const person = { id: author.id, name: author.name, role };
    void host.handle({ ...what, room, person, at: now() }).then((handled) => {
      for (const asked of handled.actions) perform(asked);
    });
  }

  /** The commands of handlers that someone of this role may use in the room. */
  commands(room: string, role: Role): readonly HandlerCommand[] {
    const here = (this.deps.host?.loaded ?? []).filter(
      ({ rooms }) => rooms?.includes(room) !== false,
    );
    return here.flatMap(({ commands }) => commands).filter(({ least }) => atLeast(role, least));
  }

  /** Whether a handler has a command of this name that this person may use in the room. */
  has(name: string, room: string, { role }: Somebody): boolean {
    return this.commands(room, role).some((command) => command.name === name.toLowerCase());
  }

  /** Runs a command that a handler `has`; resolves to why it was refused, or null. */
  async run(
    name: string,
    rest: string,
    room: string,
    { author, role }: Somebody,
    tell: Tell,
  ): Promise<Refusal | null> {
    const { host, now } = this.deps;
    const command = name.toLowerCase();
    if (!host) return null;
    const person = { id: author.id, name: author.name, role };
    const task = { on: "command", command, rest, room, person, at: now() } as const;
    const handled = await host.handle(task);
    this.settle(handled, author.id, room, null, tell);
    return handled.refusal;
  }

  async #files(ids: readonly string[]): Promise<readonly HandlerFile[]> {
    const found = await Promise.all(ids.map((id) => this.deps.files.find(id).catch(() => null)));
    // One that is not there any more is refused where the message is stored.
    return found.map((file, index) => {
      const { name = "", type = "", size = 0 } = file?.info ?? {};
      return { id: ids[index] ?? "", name, type, size };
    });
  }

  async #quoted(room: string, seq: number): Promise<Quoted | null> {
    const page = await this.deps.store.before(room, seq + 1, 1).catch(() => null);
    const message = page?.messages[0];
    if (message?.seq !== seq) return null;
    return { seq, author: message.author, text: message.text };
  }
}

/** A handler as the author of what it says. */
export function botOf(handler: string): Author {
  return authorOf(botId(handler), handler);
}
