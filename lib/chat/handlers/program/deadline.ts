/** Resolves like `running`; rejects if it takes longer than `ms`. */
export async function inTime<T>(running: T | PromiseLike<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms);
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
