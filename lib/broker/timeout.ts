/** What took longer than it may; whether it had an effect nobody knows. */
export class TimeoutError extends Error {}

/** Rejects with `Late` where the task takes longer than `ms`. */
export async function withTimeout<T>(ms: number, task: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([task, promise]);
  } finally {
    clearTimeout(timer);
  }
}
