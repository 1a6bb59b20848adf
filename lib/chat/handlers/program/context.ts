import { parseDuration } from "../../../model/base/duration.ts";
import { type Action, MOST_ACTIONS, type Task } from "../../../model/handlers/handler.ts";
import { isEmoji } from "../../../model/wire/check.ts";
import { refuseText } from "../../../model/text/text.ts";
import { readRoom } from "./definition.ts";
import type { openValues } from "./values.ts";

/** Records an action of a handler. Throws if there are too many. */
export type Act = (action: Action) => void;

/** A room, as the object for handlers. Invalid arguments throw a `TypeError`. */
function openRoom(room: string, act: Act) {
  return {
    room,
    say(text: unknown, options?: { readonly replyTo?: unknown }): void {
      const replyTo = options?.replyTo;
      const answer = replyTo === undefined ? {} : { replyTo: readSeq(replyTo, 1) };
      act({ do: "say", room, text: readText(text), ...answer });
    },
    tell(person: unknown, text: unknown): void {
      act({ do: "tell", room, person: readPerson(person), text: readText(text) });
    },
    react(seq: unknown, emoji: unknown, on: unknown = true): void {
      if (typeof emoji !== "string" || !isEmoji(emoji)) throw new TypeError("react with one emoji");
      act({ do: "react", room, seq: readSeq(seq), emoji, on: on === true });
    },
    delete(seq: unknown, reason: unknown = ""): void {
      act({ do: "delete", room, seq: readSeq(seq), reason: String(reason) });
    },
    pin(seq: unknown): void {
      act({ do: "pin", room, seq: readSeq(seq), on: true });
    },
    unpin(seq: unknown): void {
      act({ do: "pin", room, seq: readSeq(seq), on: false });
    },
    mute(person: unknown, time: unknown = "10m", reason: unknown = ""): void {
      const ms = parseDuration(String(time));
      if (ms === null) throw new TypeError('mute for a time such as "30s" or "10m"');
      act({ do: "mute", room, person: readPerson(person), ms, reason: String(reason) });
    },
  };
}

/** What a handler can use outside calls: all rooms, and its values. */
export function openChat(act: Act, store: ReturnType<typeof openValues>) {
  return { in: (room: unknown) => openRoom(readRoom(room), act), store };
}

/** Thrown by `refuse`, to end the handler. */
export class Refused extends Error {
  constructor(readonly reason: string) {
    super("refused");
  }
}

/** One call of a handler, and the actions it requested. */
export class Call {
  /** Actions requested while it ran, which are performed once the message is stored. */
  readonly actions: Action[] = [];
  refused: string | undefined;
  text: string | undefined;
  #isOver = false;

  constructor(
    readonly task: Task,
    /** Later actions are performed at once. */
    readonly later: Act,
    readonly store: ReturnType<typeof openValues>,
  ) {}

  end(): void {
    this.#isOver = true;
  }

  /** The context passed to hooks and commands. */
  context() {
    const { task } = this;
    const act: Act = (action) => {
      if (this.#isOver) this.later(action);
      else if (this.actions.push(action) > MOST_ACTIONS) {
        throw new RangeError(`a handler asks for at most ${MOST_ACTIONS} things in one call`);
      }
    };
    const isMessage = task.on === "message" || task.on === "edit";
    const room = openRoom(task.room, act);
    return {
      ...room,
      ...openChat(act, this.store),
      person: task.person,
      at: task.at,
      isEdit: task.on === "edit",
      seq: "seq" in task ? task.seq : 0,
      files: isMessage ? task.files : [],
      replyTo: isMessage && task.replyTo ? task.replyTo : undefined,
      reply: (text: unknown) => room.tell(task.person.id, text),
      refuse: (reason: unknown): never => {
        this.refused = readText(reason);
        throw new Refused(this.refused);
      },
      change: (text: unknown) => {
        this.text = readText(text);
      },
    };
  }
}

function readText(text: unknown): string {
  if (typeof text !== "string") throw new TypeError("a text must be a string");
  const refusal = refuseText(text);
  if (refusal) throw new TypeError(`this cannot be a text: ${refusal.key}`);
  return text;
}

/** 0 is the message the handler was called for. */
function readSeq(seq: unknown, least = 0): number {
  if (typeof seq === "number" && Number.isSafeInteger(seq) && seq >= least) return seq;
  throw new TypeError("a message is named by its seq");
}

function readPerson(person: unknown): string {
  const id = typeof person === "object" && person !== null && "id" in person ? person.id : person;
  if (typeof id === "string" && id !== "" && id.length <= 64) return id;
  throw new TypeError("a person is named by their id");
}
