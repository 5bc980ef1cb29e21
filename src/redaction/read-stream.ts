import type { Readable } from 'node:stream';

/**
 * Reads a stream until it ends, or the signal ends it.
 * @param read - goes through the stream's chunks
 * @throws the signal's reason; whatever `read` throws
 */
export async function readStream(raw: Readable, signal: AbortSignal, read: () => Promise<void>): Promise<void> {
  // A stream that waits for a slow source must still end at once.
  const stop = (): void => void raw.destroy();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await read();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}
