import { SYSTEM } from "../model/audit.ts";
import { Refusal } from "../model/errors.ts";
import type { Observer } from "../model/observer.ts";
import type { Records } from "../model/records.ts";
import type { Post } from "./post.ts";

/** How often rooms are looked at; what is overdue goes no later than this. */
export const RETENTION_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Of one room in one turn, so that a room that was just told to forget does not hold up the rest. */
const BATCH = 500;

/**
 * Erases what a room's rules no longer keep, as deletions by the chat itself: everyone who looks is
 * told in the usual way, and the numbers of the log stay without a gap. On several nodes two may
 * do it at once; a message is deleted once.
 */
export async function forget(
  records: Records,
  post: Post,
  observer: Observer,
  now: number,
): Promise<void> {
  try {
    for (const { room, rules } of await records.keeping.keepingLess()) {
      const before = rules.keepDays > 0 ? now - rules.keepDays * DAY_MS : 0;
      const overdue = await records.keeping.overdue(room, before, rules.keepCount, BATCH);
      const results = await Promise.all(
        overdue.map(({ seq: target }) =>
          post.order({ type: "deleted", room, author: SYSTEM, target, at: now, anyone: true }),
        ),
      );
      const gone = results.filter((result) => !(result instanceof Refusal)).length;
      if (gone > 0) observer.count("forgotten", gone);
    }
  } catch (fault) {
    observer.log("error", "old messages not erased", { fault: String(fault) });
  }
}
