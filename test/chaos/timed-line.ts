import { setTimeout as sleep } from 'node:timers/promises';
import type { Line, TcpProxy } from '../support/tcp-proxy.js';

/** How late a line may speak again: what it held back for longer is lost, as a machine that stood still would have it. */
const OVERDUE_MS = 2_000;

/** A line that is disturbed for a while. */
export class TimedLine {
  #turn = 0;

  constructor(readonly proxy: TcpProxy) {}

  async disturb(is: Line, forMs: number): Promise<void> {
    const turn = (this.#turn += 1);
    const began = performance.now();
    this.proxy.set(is);
    await sleep(forMs);
    // A later disturbance has taken over.
    if (turn !== this.#turn) return;
    if (performance.now() - began > forMs + OVERDUE_MS) this.proxy.set('cut');
    this.proxy.set('open');
  }

  calm(): void {
    this.#turn += 1;
    this.proxy.set('open');
  }
}
