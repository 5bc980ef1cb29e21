import { expect } from 'vitest';
import type { FailureType } from '../../../src/model/failures.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { ending, type ExportHandle } from '../../support/runs.js';
import { witnessAttempt, witnessEnd, type Witness } from '../../support/witness.js';
import type { Scene, SceneName } from './scenes.js';
import { begin, type FailingRun, type People, type ScriptedRun } from './scripted-runs.js';

/** A failing run, and the failure that it is to show. */
export type FailureScript = FailingRun & { readonly type: FailureType };

/** Runs of a scene under way together: more would wait for the one lease of their account. */
const AT_ONCE = 4;

/** Plays scripts to their ends, and keeps what could be seen on the way. */
export class Playing {
  /** How each failing run failed, by its name. */
  readonly witnesses = new Map<string, Witness>();
  /** What Temporal told of runs under way: failures of attempts, heartbeats. */
  readonly passed: string[] = [];
  readonly #scenes: Readonly<Record<SceneName, Scene>>;
  readonly #people: People;

  constructor(scenes: Readonly<Record<SceneName, Scene>>, people: People) {
    this.#scenes = scenes;
    this.#people = people;
  }

  /** Resolves when all have landed. A few at once; then, one after the other, those that change their scene. */
  async land(runs: readonly ScriptedRun[]): Promise<void> {
    await this.#each(runs, (run) =>
      this.#play(run, async (handle) => {
        await handle.result();
      }),
    );
  }

  /** Resolves when all have failed, however that was; in the same order. */
  async fail(runs: readonly FailureScript[]): Promise<void> {
    await this.#each(runs, (run) =>
      this.#play(run, async (handle) => {
        if (!run.passing) await this.keepEnd(run, handle);
        else {
          await this.keepAttempt(run, handle, run.type);
          await handle.cancel();
          expect(await ending(this.#scenes[run.scene].world.client, handle)).toBe('CANCELLED');
        }
      }),
    );
  }

  begin(run: ScriptedRun): Promise<ExportHandle> {
    return begin(this.#scenes[run.scene], run, this.#people);
  }

  /** Resolves when an attempt of the run has failed so, and will be followed by another. */
  async keepAttempt({ name }: FailingRun, handle: ExportHandle, type: FailureType): Promise<void> {
    this.witnesses.set(name, await witnessAttempt(handle, type));
    this.passed.push(textsOf((await handle.describe()).raw));
  }

  /** Resolves when the run has ended. */
  async keepEnd({ name }: FailingRun, handle: ExportHandle): Promise<void> {
    this.witnesses.set(name, await witnessEnd(handle));
  }

  async #play(run: ScriptedRun, watch: (handle: ExportHandle) => Promise<void>): Promise<void> {
    const scene = this.#scenes[run.scene];
    const restore = await run.alone?.(scene, this.#people);
    try {
      const handle = await this.begin(run);
      await Promise.all([run.meanwhile?.(scene, handle, this.#people), watch(handle)]);
    } finally {
      await restore?.();
    }
  }

  async #each<R extends ScriptedRun>(runs: readonly R[], play: (run: R) => Promise<void>): Promise<void> {
    await Promise.all(
      Object.keys(this.#scenes).map(async (name) => {
        const own = runs.filter(({ scene }) => scene === name);
        const queue = own.filter(({ alone }) => !alone);
        const inTurn = async (): Promise<void> => {
          for (let run = queue.shift(); run; run = queue.shift()) await play(run);
        };
        await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
        for (const run of own.filter(({ alone }) => alone)) await play(run);
      }),
    );
  }
}
