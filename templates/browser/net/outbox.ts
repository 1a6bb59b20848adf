import type { FileInfo } from "../../../lib/model/files/file.ts";
import type { ErrorFrame, Send } from "../../../lib/model/wire/frame.ts";
import { newId } from "../base/ids.ts";
import { forget, keep, kept, type Pending } from "./keep.ts";

/** What the server says when it wants to be asked again later without saying when. */
const LATER_MS = 1_000;

/**
 * What was typed and is not in the room yet. One message is under way at a time, so that the order
 * holds whatever is refused meanwhile; each is sent with its first `id` until it comes back, so
 * that it is in the room once.
 */
export class Outbox {
  #list: Pending[] = [];
  #underWay: string | null = null;
  #timer = 0;

  constructor(
    readonly room: string,
    readonly send: (frame: Send) => boolean,
    /** Why not, for the one who wrote it. */
    readonly words: (error: ErrorFrame) => string,
    readonly onChange: (list: readonly Pending[]) => void,
  ) {}

  /** Takes up what an earlier page left behind. */
  async restore(): Promise<void> {
    const before = await kept(this.room);
    if (before.length === 0) return;
    const known = new Set(this.#list.map((pending) => pending.id));
    this.#list = [...before.filter((pending) => !known.has(pending.id)), ...this.#list];
    this.#changed();
  }

  add(text: string, replyTo: number | null, files: readonly FileInfo[]): void {
    const pending = {
      ...{ id: newId(), room: this.room, text, at: Date.now() },
      ...(replyTo === null ? {} : { replyTo }),
      ...(files.length === 0 ? {} : { files }),
    };
    this.#list.push(pending);
    void keep(pending);
    this.#changed();
  }

  /** The connection is new: whatever was under way may or may not have arrived. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#underWay = null;
    this.#pump();
  }

  /** The message is in the room. Of someone else's or an old one: nothing happens. */
  arrived(id: string): void {
    const before = this.#list.length;
    this.#list = this.#list.filter((pending) => pending.id !== id);
    if (this.#list.length === before) return;
    void forget(id);
    if (this.#underWay === id) this.#underWay = null;
    this.#changed();
  }

  refused(error: ErrorFrame): void {
    if (error.id === undefined || error.id !== this.#underWay) return;
    if (error.code === "too_fast") {
      this.#timer = window.setTimeout(() => this.restart(), error.retryAfterMs ?? LATER_MS);
      return;
    }
    this.#underWay = null;
    this.#replace(error.id, (pending) => ({ ...pending, failed: this.words(error) }));
  }

  /** At the end of the queue: its turn has passed. */
  tryAgain(id: string): void {
    const found = this.#list.find((pending) => pending.id === id);
    if (!found) return;
    const { failed: _, ...rest } = found;
    const again = { ...rest, at: Date.now() };
    this.#list = [...this.#list.filter((pending) => pending.id !== id), again];
    void keep(again);
    this.#changed();
  }

  discard(id: string): void {
    this.arrived(id);
  }

  #replace(id: string, change: (pending: Pending) => Pending): void {
    this.#list = this.#list.map((pending) => (pending.id === id ? change(pending) : pending));
    const changed = this.#list.find((pending) => pending.id === id);
    if (changed) void keep(changed);
    this.#changed();
  }

  #changed(): void {
    this.onChange(this.#list);
    this.#pump();
  }

  #pump(): void {
    if (this.#underWay !== null) return;
    const next = this.#list.find((pending) => pending.failed === undefined);
    if (!next) return;
    const { id, text, replyTo, files } = next;
    const frame: Send = {
      ...{ type: "send", id, text },
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(files === undefined ? {} : { files: files.map((file) => file.id) }),
    };
    if (this.send(frame)) this.#underWay = id;
  }
}
