/**
 * What `work` ends with, if it ends within `ms`; else its signal aborts, and the error of `late` is thrown without waiting for it.
 * A client may look at the signal only once it has found its credentials, and a killed program may leave its output open.
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>, late: () => Error): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const lapsed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = late();
      reject(error);
      controller.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), lapsed]);
  } finally {
    clearTimeout(timer);
  }
}
