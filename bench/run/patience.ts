/** Waiting with an end: a benchmark that hangs says what it waited for. */

/** @throws Error naming `what`, where `promise` is not settled within `ms` milliseconds */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: still not after ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
