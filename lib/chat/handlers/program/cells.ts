import { CELL } from "../protocol.ts";
import type { Loaded } from "./modules.ts";

/** Runs code of a handler up to its first wait; the cells name it and its call (0: none) meanwhile. */
export function enter<T>(
  cells: Int32Array,
  { graph, number }: Pick<Loaded, "graph" | "number">,
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
