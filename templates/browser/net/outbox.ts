import type { FileInfo } from "../../../lib/model/files/file.ts";
import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import type { ClientFrame, ErrorFrame } from "../../../lib/model/wire/frame.ts";
import { newId } from "../base/ids.ts";
import {
  type Change,
  forget,
  isChange,
  store,
  stored,
  type Pending,
  type PendingChange,
} from "./pending-store.ts";

/** The delay for rate limits without a given time. */
const LATER_MS = 1_000;

export interface OutboxHooks {
  /** Sends a frame; false if that is not possible now. */
  readonly send: (frame: ClientFrame) => boolean;
  /** The stored file; a refusal; null: there is no network. */
  readonly upload: (file: File) => Promise<FileInfo | string | null>;
  /** The reason, in words for the author. */
  readonly words: (error: ErrorFrame) => string;
  readonly onChange: (list: readonly Pending[]) => void;
  /** A change was refused, and is dropped. */
  readonly onRefused: (why: string) => void;
}

/**
 * Pending messages, edits, deletions and reactions. One is under way at a time, which keeps their
 * order even after refusals; a message keeps its `id` until it is confirmed, so that it is stored
 * once.
 */
export class Outbox {
  #list: Pending[] = [];
  #underWay: string | null = null;
  #timer = 0;

  constructor(
    readonly room: string,
    readonly hooks: OutboxHooks,
  ) {}

  /** Loads what an earlier page left. */
  async restore(): Promise<void> {
    const before = await stored(this.room);
    if (before.length === 0) return;
    const known = new Set(this.#list.map((pending) => pending.id));
    this.#list = [...before.filter((pending) => !known.has(pending.id)), ...this.#list];
    this.#changed();
  }

  add(text: string, replyTo: number | null, files: readonly (FileInfo | File)[]): void {
    this.#push({
      ...{ id: newId(), room: this.room, text, at: Date.now() },
      ...(replyTo === null ? {} : { replyTo }),
      ...(files.length === 0 ? {} : { files }),
    });
  }

  /** Adds an edit, deletion or reaction, replacing a waiting one that it makes void. */
  change(change: Change): void {
    for (const { id, change: earlier } of this.changesOf(change.seq)) {
      const isSame =
        change.type === earlier.type &&
        !(change.type === "react" && "emoji" in earlier && earlier.emoji !== change.emoji);
      if (id !== this.#underWay && (isSame || change.type === "delete")) this.#remove(id);
    }
    this.#push({ id: newId(), room: this.room, at: Date.now(), change });
  }

  /** The pending changes of a message, in order. */
  changesOf(seq: number): readonly PendingChange[] {
    const changes = this.#list.filter(isChange);
    return changes.filter(({ change, failed }) => change.seq === seq && failed === undefined);
  }

  /** The connection is new; what was under way may or may not have arrived. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#underWay = null;
    void this.#pump();
  }

  /** A message was confirmed. Ignores others. */
  arrived(id: string): void {
    if (this.#remove(id)) this.#changed();
  }

  /** The reader's own event confirms a change. */
  happened(event: RoomEvent): void {
    if (event.type === "message") return this.arrived(event.id);
    const confirmed = this.#list.filter(isChange).find(({ id, change }) => {
      if (change.seq !== event.target) return false;
      if (event.type === "deleted") return change.type === "delete";
      if (event.type === "reacted") return change.type === "react" && change.emoji === event.emoji;
      // The event may be of an earlier edit, if this one is not under way.
      return change.type === "edit" && (id === this.#underWay || change.text === event.text);
    });
    if (confirmed) this.arrived(confirmed.id);
  }

  refused(error: ErrorFrame): void {
    const id = error.id ?? error.ref;
    const refused = this.#list.find((pending) => pending.id === id);
    if (!refused || refused.id !== this.#underWay) return;
    if (error.code === "too_fast") {
      this.#timer = window.setTimeout(() => this.restart(), error.retryAfterMs ?? LATER_MS);
      return;
    }
    if (isChange(refused) && refused.change.type !== "edit") {
      this.arrived(refused.id);
      // What no longer exists was deleted by someone else.
      if (error.code !== "not_found") this.hooks.onRefused(this.hooks.words(error));
    } else this.#fail(refused, this.hooks.words(error));
  }

  /** Moves to the end of the queue. */
  tryAgain(id: string): void {
    const found = this.#list.find((pending) => pending.id === id);
    if (!found) return;
    this.#remove(id);
    const { failed: _, ...rest } = found;
    this.#push({ ...rest, at: Date.now() });
  }

  discard(id: string): void {
    this.arrived(id);
  }

  #push(pending: Pending): void {
    this.#list.push(pending);
    void store(pending);
    this.#changed();
  }

  /** False if there is none. */
  #remove(id: string): boolean {
    const before = this.#list.length;
    this.#list = this.#list.filter((pending) => pending.id !== id);
    if (this.#list.length === before) return false;
    void forget(id);
    if (this.#underWay === id) this.#underWay = null;
    return true;
  }

  #fail(pending: Pending, failed: string): void {
    this.#underWay = null;
    this.#replace({ ...pending, failed });
    this.#changed();
  }

  #replace(pending: Pending): void {
    this.#list = this.#list.map((each) => (each.id === pending.id ? pending : each));
    void store(pending);
  }

  #changed(): void {
    this.hooks.onChange(this.#list);
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#underWay !== null) return;
    const next = this.#list.find((pending) => pending.failed === undefined);
    if (!next) return;
    if (isChange(next)) {
      if (this.hooks.send({ ...next.change, ref: next.id })) this.#underWay = next.id;
      return;
    }
    const { id, text, replyTo, files = [] } = next;
    const file = files.find((each) => each instanceof File);
    if (file) return this.#upload(next, file);
    const ids = files.flatMap((each) => (each instanceof File ? [] : each.id));
    const isSent = this.hooks.send({
      ...{ type: "send", id, text },
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(ids.length === 0 ? {} : { files: ids }),
    });
    if (isSent) this.#underWay = id;
  }

  /** Uploads a file of a message, then continues with it; without a network, once that is back. */
  async #upload(pending: Exclude<Pending, PendingChange>, file: File): Promise<void> {
    // A ping shows whether the server can be reached.
    if (!this.hooks.send({ type: "ping" })) return;
    this.#underWay = pending.id;
    const answer = await this.hooks.upload(file);
    const isHere = this.#list.includes(pending);
    if (this.#underWay === pending.id) this.#underWay = null;
    if (answer === null) this.#timer = window.setTimeout(() => this.restart(), 5 * LATER_MS);
    if (!isHere || answer === null) return;
    if (typeof answer === "string") return this.#fail(pending, answer);
    const files = pending.files?.map((each) => (each === file ? answer : each)) ?? [];
    this.#replace({ ...pending, files });
    this.#changed();
  }
}
