/**
 * Resolves to the first truthy result of `look`, which is called again every few milliseconds. Rejects
 * after `limit` milliseconds, naming what was looked for.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  limit = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (isFound(found)) return found;
    if (Date.now() > deadline) throw new Error(`not within ${limit} ms: ${String(look)}`);
    await Bun.sleep(5);
  }
}

function isFound<T>(found: T): found is Exclude<T, false | null | undefined> {
  return found !== false && found !== null && found !== undefined;
}
