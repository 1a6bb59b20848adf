import { Refusal } from "../../model/base/errors.ts";
import type { HandlerGate } from "../handlers/gate.ts";
import { type Action, authorize, type Access } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Author } from "../../model/people/person.ts";
import type {
  Appended,
  DeleteDraft,
  Draft,
  EditDraft,
  MessageDraft,
  PostedDraft,
} from "../../model/store.ts";
import { refuseText } from "../../model/text/text.ts";
import type { Committer, Sender, Outcomes } from "./commit.ts";
import type { Floods } from "../limits/floods.ts";
import { Queues } from "./queues.ts";
import { renderMarkup } from "./markup.ts";
import { SlowMode, type SlowPermit } from "../limits/slow.ts";

/** The most messages waiting for a room's handlers. */
const QUEUE_LIMIT = 1_000;

/**
 * The only way into a room's log: validates, authorizes, limits rates, runs the handlers in the
 * room's order, commits and publishes.
 */
export class Post {
  readonly #queues = new Queues();
  readonly #queued = new Map<string, number>();

  constructor(
    readonly committer: Committer,
    readonly floods: Floods,
    readonly observer: Observer,
    readonly handlers: HandlerGate,
    readonly slow = new SlowMode(),
  ) {}

  /** Posts a draft; the sender is told the result, once. To delete, see `Moderate.remove`. */
  post(draft: PostedDraft, sender: Sender, ref?: string): void {
    const refusal = this.#refuse(draft, sender.access);
    if (refusal) {
      sender.settled(draft, refusal, ref);
      return;
    }
    const { room, author, at } = draft;
    const turn = draft.type === "message" && this.slow.consume(room, author.id, sender.access, at);
    if (turn instanceof Refusal) sender.settled(draft, turn, ref);
    else this.#pass(draft, turn ? new RefundingSender(sender, turn) : sender, ref);
  }

  #pass(draft: Draft, sender: Sender, ref: string | undefined): void {
    if (this.#queues.isBusy(draft.room) || this.#isHandled(draft)) {
      this.#enqueue(draft, sender, ref);
    } else this.#commitFor(draft, sender, ref);
  }

  /**
   * Posts a deletion that was authorized elsewhere, after everything posted to its room so far.
   * Skips authorization and rate limits.
   */
  delete(draft: DeleteDraft, access: Access): Promise<Appended | Refusal> {
    return new Promise((resolve) => {
      const sender: Sender = {
        access,
        settled: (_, result) => resolve(result),
        notice: () => undefined,
      };
      this.#pass(draft, sender, undefined);
    });
  }

  /**
   * Posts a change that was authorized elsewhere: by moderation, or the chat itself. Skips
   * authorization, rate limits and handlers.
   */
  postAuthorized(draft: Draft): Promise<Appended | Refusal> {
    return new Promise((resolve) => {
      this.#commit(draft, { settled: (_, result) => resolve(result) }, undefined);
    });
  }

  /** Resolves when everything posted so far is settled. */
  async drain(): Promise<void> {
    await this.#queues.drain();
    await this.committer.drain();
  }

  #isHandled({ type, room }: Draft): boolean {
    if (type !== "message" && type !== "edited") return false;
    return this.handlers.wants(type === "message" ? "message" : "edit", room);
  }

  /** Commits a person's change, and passes reactions to handlers. */
  #commitFor(draft: Draft, sender: Sender, ref: string | undefined): void {
    if (draft.type !== "reacted" || !this.handlers.wants("reaction", draft.room)) {
      this.#commit(draft, sender, ref);
      return;
    }
    const { room, author, target: seq, emoji, on: added } = draft;
    const settled: Sender["settled"] = (stored, result, ref) => {
      sender.settled(stored, result, ref);
      if (result instanceof Refusal || result.again) return;
      const somebody = { author, role: sender.access.role };
      this.handlers.happened(room, somebody, { on: "reaction", seq, emoji, added });
    };
    this.#commit(draft, { settled, access: sender.access }, ref);
  }

  /** The text is final now, so its mark-up is rendered. */
  #commit(draft: Draft, sender: Outcomes, ref: string | undefined): void {
    if (draft.type !== "message" && draft.type !== "edited") {
      this.committer.submit(draft, sender, ref);
      return;
    }
    const html = renderMarkup(draft.text);
    this.committer.submit(html === undefined ? draft : { ...draft, html }, sender, ref);
  }

  #refuse(draft: PostedDraft, access: Access): Refusal | null {
    const { author, at } = draft;
    const invalid = refuse(draft);
    if (invalid) {
      this.floods.invalid(author, access);
      return invalid;
    }
    return (
      authorize(access, ACTION_OF[draft.type], at) ??
      this.floods.consume(author, access, "text" in draft ? Buffer.byteLength(draft.text) : 0)
    );
  }

  #enqueue(draft: Draft, sender: Sender, ref: string | undefined): void {
    const { room } = draft;
    const waiting = this.#queued.get(room) ?? 0;
    if (waiting >= QUEUE_LIMIT) {
      const retry = new Refusal("roomBusy", {}, 1_000);
      sender.settled(draft, retry, ref);
      return;
    }
    this.#queued.set(room, waiting + 1);
    this.#queues.add(room, async () => {
      if (draft.type === "message" || draft.type === "edited") {
        await this.#handle(draft, sender, ref);
      } else this.#commitFor(draft, sender, ref);
      const left = (this.#queued.get(room) ?? 1) - 1;
      if (left > 0) this.#queued.set(room, left);
      else this.#queued.delete(room);
    });
  }

  async #handle(
    draft: MessageDraft | EditDraft,
    sender: Sender,
    ref: string | undefined,
  ): Promise<void> {
    const { room, author } = draft;
    const handled = await this.handlers.judge(draft, sender.access.role);
    const settle = (seq: number | null) =>
      this.handlers.settle(handled, author.id, room, seq, (bot, text) => sender.notice(bot, text));
    if (handled.refusal) {
      sender.settled(draft, handled.refusal, ref);
      settle(null);
      return;
    }
    // Replies follow the stored message; there are none if it is refused or repeated.
    const settled: Sender["settled"] = (stored, result, ref) => {
      sender.settled(stored, result, ref);
      if (result instanceof Refusal || result.again) return;
      settle(draft.type === "message" ? result.event.seq : draft.target);
    };
    this.#commit({ ...draft, text: handled.text }, { settled, access: sender.access }, ref);
  }
}

/** Returns the slow-mode permit of a message that was not newly stored. */
class RefundingSender implements Sender {
  constructor(
    readonly sender: Sender,
    readonly turn: SlowPermit,
  ) {}

  get access(): Access {
    return this.sender.access;
  }

  settled(draft: Draft, result: Appended | Refusal, ref: string | undefined): void {
    if (result instanceof Refusal || result.again) this.turn.refund();
    this.sender.settled(draft, result, ref);
  }

  notice(author: Author, text: string): void {
    this.sender.notice(author, text);
  }
}

const ACTION_OF = {
  message: "post",
  edited: "edit",
  reacted: "react",
} as const satisfies Record<PostedDraft["type"], Action>;

function refuse(draft: PostedDraft): Refusal | null {
  if (draft.type !== "message" && draft.type !== "edited") return null;
  // A message may consist of files alone.
  if (draft.type === "message" && draft.files && draft.text === "") return null;
  return refuseText(draft.text);
}
