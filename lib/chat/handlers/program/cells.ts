import { CELL } from "../protocol.ts";

/** A module graph, which runs code as its own. */
interface Graph {
  run<T>(code: () => T): T;
}

/**
 * Runs code of a handler up to its first `await`; meanwhile the cells hold it and its call (0:
 * none).
 */
export function enter<T>(
  cells: Int32Array,
  { graph, number }: { readonly graph: Graph; readonly number: number },
  call: number,
  code: () => T,
): T {
  Atomics.add(cells, CELL.progress, 1);
  if (call > 0) Atomics.store(cells, CELL.last, number);
  Atomics.store(cells, CELL.call, call);
  Atomics.store(cells, CELL.running, number);
  try {
    return graph.run(code);
  } finally {
    Atomics.store(cells, CELL.running, 0);
  }
}
