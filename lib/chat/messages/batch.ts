import type { Draft } from "../../model/store.ts";

/** The most drafts in one transaction. */
const BATCH_LIMIT = 16_384;
/** The most characters of text in one transaction, unless a single draft has more: some 10 ms. */
const BATCH_CHARACTERS = 512 * 1024;

export interface Batchable {
  readonly draft: Draft;
  /** The network it came from; empty for what the chat itself writes. */
  readonly network: string;
}

/**
 * What the next transaction takes of `waiting`, and what is left. Usually it takes everything. If
 * that is too much, networks take turns, so that a network that sends much delays only itself; the
 * drafts of one network keep their order.
 */
export function takeBatch<T extends Batchable>(waiting: readonly T[]): [batch: T[], left: T[]] {
  if (waiting.length <= BATCH_LIMIT && sizeOf(waiting) <= BATCH_CHARACTERS)
    return [[...waiting], []];
  const networks = Map.groupBy(waiting, ({ network }) => network);
  const queues = [...networks.values()];
  const batch = new Set<T>();
  let size = 0;
  for (let round = 0; batch.size < waiting.length; round += 1) {
    for (const queue of queues) {
      const next = queue[round];
      if (!next) continue;
      size += sizeOf([next]);
      if (batch.size > 0 && (size > BATCH_CHARACTERS || batch.size >= BATCH_LIMIT)) {
        return [[...batch], waiting.filter((each) => !batch.has(each))];
      }
      batch.add(next);
    }
  }
  return [[...batch], []];
}

function sizeOf(all: readonly Batchable[]): number {
  let size = 0;
  for (const { draft } of all) {
    if ("text" in draft) size += draft.text.length + (draft.html?.length ?? 0);
  }
  return size;
}
