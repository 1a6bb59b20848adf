import type { Call } from "./calls.ts";
import type { FoundFile } from "./folder.ts";
import type { ThreadEnd } from "./thread.ts";

export interface Blame {
  /** The file whose code ended the thread, if known. */
  readonly file: FoundFile | undefined;
  /** The call that was running; undefined if none was, or it is unknown. */
  readonly culprit: Call | undefined;
  /** Whether the other calls are certainly not the cause. */
  readonly isKnown: boolean;
}

/** Finds the cause of a thread's end among its calls. */
export function blame(end: ThreadEnd, sent: readonly Call[], files: readonly FoundFile[]): Blame {
  const only = sent.length === 1 && end.call !== 0 ? sent[0] : undefined;
  const culprit = sent.find(({ id }) => id === end.call) ?? only;
  const isKnown = culprit !== undefined || sent.length === 0 || end.call === 0 || end.wasLoading;
  const number = end.handler || (only ? end.last : 0);
  const file = isKnown ? files.find((each) => each.number === number) : undefined;
  return { file, culprit: end.wasLoading ? undefined : culprit, isKnown };
}
