/** Gives back what `acquire` gave. */
export type Release = () => void;

type Tails = Map<string, Promise<void>>;

const registryKey = Symbol.for('clari-temporal.duckdb.mutexes');
const registry: Partial<Record<symbol, Tails>> = globalThis;

/** On the global object: a process that loads this package twice must still open a database once, or rows are lost. */
const tails: Tails = (registry[registryKey] ??= new Map<string, Promise<void>>());

/**
 * Waits until nobody else in this process holds `name`, in the order of asking.
 *
 * @throws the signal's reason when it aborts first
 */
export async function acquireMutex(name: string, signal?: AbortSignal): Promise<Release> {
  const before = tails.get(name);
  let resolveMine: () => void = () => undefined;
  const mine = new Promise<void>((resolve) => (resolveMine = resolve));
  const tail = before === undefined ? mine : before.then(() => mine);
  tails.set(name, tail);
  void tail.then(() => {
    if (tails.get(name) === tail) tails.delete(name);
  });
  try {
    if (before !== undefined) await orAborted(before, signal);
    signal?.throwIfAborted();
    return resolveMine;
  } catch (error) {
    // Our place in the queue passes to those behind us, but not before those in front have left.
    resolveMine();
    throw error;
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  await Promise.race([promise, aborted]);
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
}
