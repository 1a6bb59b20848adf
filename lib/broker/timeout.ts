/** A task took too long; whether it had an effect is unknown. */
export class TimeoutError extends Error {}

/** Rejects with a `TimeoutError` if the task takes longer than `ms`. */
export async function withTimeout<T>(ms: number, task: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([task, promise]);
  } finally {
    clearTimeout(timer);
  }
}
