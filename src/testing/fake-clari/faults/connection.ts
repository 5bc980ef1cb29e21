import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../exchange.js';

/** Ends or holds a connection on which no answer has begun. */
export async function lose({ response, gone }: Exchange, how: 'reset' | 'close' | 'hold'): Promise<void> {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else if (how === 'close') response.socket?.destroySoon();
  await ended(gone);
}

/** Waits; a connection that goes meanwhile ends the wait. */
export async function pause(ms: number, gone: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: gone }).catch(() => undefined);
}

/** Waits for the end of a connection. */
export async function ended(gone: AbortSignal): Promise<void> {
  if (gone.aborted) return;
  await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve(), { once: true }));
}
