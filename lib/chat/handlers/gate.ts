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
  /** Null: there are no handlers. */
  readonly host: HandlerHost | null;
  readonly store: Pick<Store, "before">;
  readonly files: Pick<Files, "find">;
  /** Performs an action of a handler; in it, `seq` 0 is invalid. */
  readonly perform: (asked: Asked) => void;
  readonly now: () => number;
}

/** A person, as handlers see them. */
interface Somebody {
  readonly author: Author;
  readonly role: Role;
}
type Tell = (author: Author, text: string) => void;

/**
 * The handlers, as the rest of the chat uses them: passes events to them, and performs their
 * actions.
 */
export class HandlerGate {
  constructor(readonly deps: GateDeps) {}

  wants(on: Task["on"], room: string): boolean {
    return this.deps.host?.wants(on, room) ?? false;
  }

  /** The present state of every module. */
  list(): readonly HandlerState[] {
    return this.deps.host?.list() ?? [];
  }

  /** Runs the handlers on a message before it is stored. Never rejects. */
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

  /** Performs the actions of handlers; `seq` is the message they were called for, or null. */
  settle({ actions }: Handled, person: string, room: string, seq: number | null, tell: Tell): void {
    for (const { handler, action } of actions) {
      if (action.do === "tell" && action.person === person && action.room === room) {
        tell(botOf(handler), action.text);
      } else if ("seq" in action && action.seq === 0) {
        if (seq !== null) this.deps.perform({ handler, action: { ...action, seq } });
      } else this.deps.perform({ handler, action });
    }
  }

  /** Notifies handlers of an event. Never throws. */
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

  /** The handlers' commands that this role may use in the room. */
  commands(room: string, role: Role): readonly HandlerCommand[] {
    const here = (this.deps.host?.loaded ?? []).filter(
      ({ rooms }) => rooms?.includes(room) !== false,
    );
    return here.flatMap(({ commands }) => commands).filter(({ least }) => atLeast(role, least));
  }

  /** Whether this person may use a handler's command of this name in the room. */
  has(name: string, room: string, { role }: Somebody): boolean {
    return this.commands(room, role).some((command) => command.name === name.toLowerCase());
  }

  /** Runs a handler's command; resolves to the refusal, or null. */
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
    // One that no longer exists is refused when the message is stored.
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

/** A handler as an author. */
export function botOf(handler: string): Author {
  return authorOf(botId(handler), handler);
}
