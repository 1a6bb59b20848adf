import { SYSTEM } from "../../model/people/audit.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { RoomRules } from "../../model/rooms/rules.ts";
import type { Records } from "../../model/records.ts";
import type { Post } from "./post.ts";

/** The interval at which rooms are checked. */
export const RETENTION_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Messages of one room erased at a time, so that no room delays the others. */
const BATCH = 500;

/**
 * Erases what a room's rules no longer keep, as deletions by the chat itself: clients are told as
 * usual, and the log stays gap-free. Nodes may do it concurrently; a message is deleted once.
 * Deletes expired sessions too.
 */
export class Retention {
  /** By room, the `seq` up to which nothing is left to erase. */
  readonly #erased = new Map<string, number>();
  #running = false;

  constructor(
    readonly records: Records,
    readonly post: Post,
    readonly observer: Observer,
  ) {}

  /** Checks all rooms, and sessions; one run at a time. Never rejects. */
  async forget(now: number): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (const { room, rules } of await this.records.rooms.withRetention()) {
        await this.#forget(room, rules, now);
      }
      await this.records.accounts.forgetSessions(now);
    } catch (fault) {
      this.observer.log("error", "expired messages not erased", { fault: String(fault) });
    } finally {
      this.#running = false;
    }
  }

  async #forget(room: string, { keepDays, keepCount }: RoomRules, now: number): Promise<void> {
    const at = keepDays > 0 ? now - keepDays * DAY_MS : 0;
    const what = { after: this.#erased.get(room) ?? 0, at, count: keepCount };
    const overdue = await this.records.rooms.overdue(room, what, BATCH);
    const results = await Promise.all(
      overdue.map(({ seq: target }) =>
        this.post.postAuthorized({
          type: "deleted",
          room,
          author: SYSTEM,
          target,
          at: now,
          anyone: true,
        }),
      ),
    );
    const isGone = (result: (typeof results)[number]) =>
      !(result instanceof Refusal) || result.code === "not_found";
    if (!results.every(isGone)) return;
    this.observer.count("forgotten", results.length);
    const last = overdue.at(-1)?.seq;
    if (last !== undefined) this.#erased.set(room, last);
  }
}
