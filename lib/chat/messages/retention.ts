import { SYSTEM } from "../../model/people/audit.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { RoomRules } from "../../model/rooms/rules.ts";
import type { Records } from "../../model/records.ts";
import type { Post } from "./post.ts";

/** How often rooms are looked at; what is overdue goes no later than this. */
export const RETENTION_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Of one room in one turn, so that a room that was just told to forget does not hold up the rest. */
const BATCH = 500;

/**
 * Erases what a room's rules no longer keep, as deletions by the chat itself: everyone who looks is
 * told in the usual way, and the numbers of the log stay without a gap. On several nodes two may
 * do it at once; a message is deleted once. Sessions that nobody has used for long go the same way.
 */
export class Retention {
  /** By room: up to which `seq` nothing is left to erase, so that it is not looked at again. */
  readonly #erased = new Map<string, number>();
  #running = false;

  constructor(
    readonly records: Records,
    readonly post: Post,
    readonly observer: Observer,
  ) {}

  /** One turn over all rooms, and the sessions; never rejects, and is one at a time. */
  async forget(now: number): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (const { room, rules } of await this.records.rooms.withRetention()) {
        await this.#forget(room, rules, now);
      }
      await this.records.accounts.forgetSessions(now);
    } catch (fault) {
      this.observer.log("error", "what is old not erased", { fault: String(fault) });
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
