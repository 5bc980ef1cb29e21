import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashPoint } from '../../src/crash/crash-point.js';
import type { Child, ChildResult } from '../support/child.js';
import type { Logbook } from './logbook.js';

/** How late a pause may end: what a worker sends after a longer one would come later than anybody looks for it. */
const OVERDUE_MS = 2_000;
/** Between two starts of a worker that does not come up, since its server is away perhaps. */
const AGAIN_MS = 1_000;

/** Resolves when the worker polls. `onSpawn` is called before, with its process. */
export type StartWorker = (crashAt: CrashPoint | null, onSpawn: (child: Child) => void) => Promise<unknown>;

/** A place for one worker process: whenever it dies, whatever of, a successor comes. */
export class WorkerSlot {
  /** What every process that ended wrote. */
  readonly ended: ChildResult[] = [];
  #child: Child | undefined;
  #successor: { readonly crashAt: CrashPoint | null; readonly downMs: number } = { crashAt: null, downMs: 0 };
  readonly #closing = new AbortController();
  #pause: AbortController | undefined;
  #isUp = false;
  /** Says `up` when a worker polls, and when none will any more. */
  readonly #events = new EventEmitter();
  /** A blow that waits for a worker to meet. */
  #expected = false;
  readonly #living: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly start: StartWorker,
    private readonly log: Logbook,
  ) {
    this.#living = this.#live();
  }

  /** Resolves when a worker polls here. */
  async up(): Promise<void> {
    if (!this.#isUp) await once(this.#events, 'up');
  }

  /** SIGKILL, as soon as a worker polls here. */
  kill(successor: { readonly crashAt: CrashPoint | null; readonly downMs: number }): Promise<void> {
    return this.#meet(() => {
      this.#successor = successor;
      this.#signal('SIGKILL', 'kills');
    });
  }

  /** SIGTERM, as soon as a worker polls here. */
  term(downMs: number): Promise<void> {
    return this.#meet(() => {
      this.#successor = { crashAt: null, downMs };
      this.#signal('SIGTERM', 'terms');
    });
  }

  /** SIGSTOP and SIGCONT, as soon as a worker polls here. */
  pause(forMs: number): Promise<void> {
    return this.#meet(async () => {
      const paused = this.#child;
      const pause = (this.#pause = new AbortController());
      const began = performance.now();
      this.#signal('SIGSTOP', 'pauses');
      await sleep(forMs, undefined, { signal: pause.signal }).catch(() => undefined);
      this.#pause = undefined;
      if (paused !== this.#child) return;
      if (performance.now() - began > forMs + OVERDUE_MS) this.#signal('SIGKILL', 'kills');
      else this.#signal('SIGCONT');
    });
  }

  /** Ends the worker as an operator does, and for good. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#pause?.abort();
    this.#child?.signal('SIGCONT');
    this.#child?.signal('SIGTERM');
    await this.#living;
  }

  /** Of blows that find no worker, the first one waits for it: there would otherwise be none to come up at all. */
  async #meet(blow: () => void | Promise<void>): Promise<void> {
    if (this.#expected) return;
    this.#expected = true;
    try {
      await this.up();
      if (!this.#closing.signal.aborted) await blow();
    } finally {
      this.#expected = false;
    }
  }

  #signal(signal: NodeJS.Signals, counted?: 'kills' | 'terms' | 'pauses'): void {
    this.log.note(signal, { worker: this.name });
    if (counted) this.log.count(counted);
    this.#child?.signal(signal);
  }

  async #live(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const { crashAt } = this.#successor;
      this.#successor = { crashAt: null, downMs: 500 };
      let child: Child | undefined;
      const up = await this.start(crashAt, (spawned) => (child = this.#child = spawned)).then(
        () => true,
        () => false,
      );
      if (up) {
        this.log.note('worker started', { worker: this.name, crashAt });
        this.#isUp = true;
        this.#events.emit('up');
      }
      const result = await child?.ended;
      this.#child = undefined;
      this.#isUp = false;
      if (result) this.ended.push(result);
      const crashed = /^crash at (\S+)$/m.exec(result?.stderr ?? '')?.[1] ?? null;
      this.log.note('worker ended', { worker: this.name, exitCode: result?.exitCode ?? null, crashed });
      if (crashed) this.log.count('crashes');
      const downMs = up ? this.#successor.downMs : AGAIN_MS;
      await sleep(downMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    this.#events.emit('up');
  }
}
