import type { ServerWebSocket } from "bun";
import type { Sender } from "../chat/commit.ts";
import type { Cursor } from "../chat/join.ts";
import { Refusal } from "../model/errors.ts";
import type { RoomEvent } from "../model/event.ts";
import type { ErrorFrame, ServerFrame } from "../model/frame.ts";
import type { Author, Person } from "../model/person.ts";
import type { Appended, Draft } from "../model/store.ts";

export type Socket = ServerWebSocket<Connection>;

/** Frames kept while a socket is still joining; one that sends more is not waited for. */
const EARLY_LIMIT = 64;

/** What an upgrade request asked for. */
export interface Ticket {
  readonly room: string;
  readonly person: Person;
  /** `chat.v1`; otherwise plain text. */
  readonly json: boolean;
  readonly cursor: Cursor | null;
  /** Recent messages to begin with. */
  readonly recent: number;
  /** Whom the cap on sockets counts. */
  readonly place: string;
}

/** One socket: whose it is, in which room, and how frames are put for it. */
export class Connection implements Sender {
  #socket: Socket | null = null;
  /** Frames that came before the start was sent; null after it. */
  #early: string[] | null = [];
  #typedAt = 0;
  /** How far it has come in: counted by the hub, then seen by the others. */
  stage: "outside" | "entered" | "here" = "outside";

  /** Whose it is, as others see it. */
  readonly author: Author;

  constructor(
    readonly ticket: Ticket,
    readonly now: () => number,
  ) {
    this.author = { id: ticket.person.id, name: ticket.person.name };
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
  }

  closed(): void {
    this.#socket = null;
    this.#early = null;
  }

  /** Whether the frame was kept for later; the others may be taken in now. */
  keepEarly(data: string): boolean {
    if (!this.#early) return false;
    if (this.#early.length < EARLY_LIMIT) this.#early.push(data);
    else this.refuse(new Refusal("too_fast", "Wait for the welcome."));
    return true;
  }

  /** Sends the start, subscribes to what follows, and returns the frames that came before it. */
  begin(frames: readonly ServerFrame[], topic: string): readonly string[] {
    const early = this.#early ?? [];
    this.#early = null;
    this.#socket?.subscribe(topic);
    if (this.ticket.json) this.#send(JSON.stringify(frames.length === 1 ? frames[0] : frames));
    else for (const frame of frames) this.#sendPlain(frame);
    return early;
  }

  send(frame: ServerFrame): void {
    if (this.ticket.json) this.#send(JSON.stringify(frame));
    else this.#sendPlain(frame);
  }

  refuse(
    refusal: Refusal,
    about: { ref?: string | undefined; id?: string | undefined } = {},
  ): void {
    if (!this.ticket.json) {
      this.#send(`! ${refusal.code}: ${refusal.message}`);
      return;
    }
    const { code, message, retryAfterMs } = refusal;
    const frame: ErrorFrame = {
      type: "error",
      code,
      message,
      ...(about.ref === undefined ? {} : { ref: about.ref }),
      ...(about.id === undefined ? {} : { id: about.id }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    this.#send(JSON.stringify(frame));
  }

  settled(draft: Draft, result: Appended | Refusal, ref: string | undefined): void {
    if (result instanceof Refusal) {
      this.refuse(result, { ref, id: draft.type === "message" ? draft.id : undefined });
    } else if (result.again && this.ticket.json) {
      // Its own frame for the sender alone; everyone else had it the first time.
      this.#send(JSON.stringify(ref === undefined ? result.event : { ...result.event, ref }));
    }
  }

  notice(author: Author, text: string): void {
    this.send({ type: "notice", author, text, at: this.now() });
  }

  /** At most one a second of one socket: more would tell nobody more. */
  mayType(): boolean {
    const now = this.now();
    if (now - this.#typedAt < 1_000) return false;
    this.#typedAt = now;
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  #sendPlain(frame: ServerFrame): void {
    if (frame.type === "message") this.#send(plainLine(frame));
    else if (frame.type === "notice") this.#send(frame.text);
  }

  #send(data: string): void {
    this.#socket?.send(data);
  }
}

/** A message for those who have no frames: what everyone reads, and nothing of what is behind it. */
export function plainLine({ author, text }: Extract<RoomEvent, { type: "message" }>): string {
  return author.name === "" ? text : `${author.name}: ${text}`;
}
