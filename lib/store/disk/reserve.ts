import { statfsSync } from "node:fs";
import { Refusal } from "../../model/base/errors.ts";
import type { Appended, Draft, Store } from "../../model/store.ts";

/** Bytes that messages leave free for deletions, moderation and repairs. */
const LEAST_FREE = 128 * 1024 * 1024;
/** How long a measurement is valid. No disk is fast enough to use up the reserve in this time. */
const LOOK_MS = 1_000;

/**
 * An `append` that refuses what people write while the disk of `path` has less than `reserve` bytes
 * free. Deletions, and changes by the chat or its moderators, continue.
 */
export function leavingFree(
  append: Store["append"],
  path: string,
  reserve: number = LEAST_FREE,
): Store["append"] {
  let isFull = false;
  let lookAt = 0;
  return async (drafts) => {
    if (performance.now() >= lookAt) {
      lookAt = performance.now() + LOOK_MS;
      const { bavail, bsize } = statfsSync(path);
      isFull = bavail * bsize < reserve;
    }
    if (!isFull) return append(drafts);
    const allowed = drafts.filter((draft) => !isWriting(draft));
    const results = [...(allowed.length > 0 ? await append(allowed) : [])];
    return drafts.map((draft): Appended | Refusal => {
      const result = isWriting(draft) ? null : results.shift();
      return result ?? new Refusal("diskFull");
    });
  };
}

function isWriting(draft: Draft): boolean {
  if (draft.type === "edited") return !draft.anyone;
  return draft.type === "message" || draft.type === "reacted";
}
