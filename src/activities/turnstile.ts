/** Lets one through at a time, in the order of arrival. */
export class Turnstile {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` when it is its turn; gives up waiting, not working, when `signal` aborts. */
  async pass<R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> {
    const before = this.tail;
    let leave: () => void = () => undefined;
    this.tail = new Promise<void>((resolve) => {
      leave = resolve;
    });
    try {
      await untilAborted(before, signal);
    } catch (error) {
      // Whoever comes after must still wait for those before.
      void before.then(leave);
      throw error;
    }
    try {
      return await work();
    } finally {
      leave();
    }
  }
}

async function untilAborted(wait: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
