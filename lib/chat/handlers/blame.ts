import type { Call } from "./calls.ts";
import type { FoundFile } from "./folder.ts";
import type { ThreadEnd } from "./thread.ts";

export interface Blame {
  /** Whose code ended the thread, where that is known. */
  readonly file: FoundFile | undefined;
  /** The call it ran for; undefined where it ran for none, or that is not known. */
  readonly culprit: Call | undefined;
  /** Whether the other calls are certainly not to blame. */
  readonly isKnown: boolean;
}

/** Whose fault the end of a thread was that had these calls in it. */
export function blame(end: ThreadEnd, sent: readonly Call[], files: readonly FoundFile[]): Blame {
  const only = sent.length === 1 && end.call !== 0 ? sent[0] : undefined;
  const culprit = sent.find(({ id }) => id === end.call) ?? only;
  const isKnown = culprit !== undefined || sent.length === 0 || end.call === 0 || end.wasLoading;
  const number = end.handler || (only ? end.last : 0);
  const file = isKnown ? files.find((each) => each.number === number) : undefined;
  return { file, culprit: end.wasLoading ? undefined : culprit, isKnown };
}
