import { describe, expect, test } from 'vitest';
import { Turnstile } from '../../src/activities/turnstile.js';

const patient = new AbortController().signal;

/** Work that ends when it is told to. */
function work(): { run: () => Promise<void>; begun: Promise<void>; finish: () => void } {
  let begin: () => void = () => undefined;
  let finish: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const run = (): Promise<void> => {
    begin();
    return finished;
  };
  return { run, begun, finish: () => finish() };
}

describe('a turnstile', () => {
  test('lets one through at a time, in the order of arrival', async () => {
    const turnstile = new Turnstile();
    const seen: string[] = [];
    const one = work();
    const first = turnstile.pass(patient, async () => {
      seen.push('first in');
      await one.run();
      seen.push('first out');
    });
    const others = ['second', 'third'].map((name) =>
      turnstile.pass(patient, () => Promise.resolve(void seen.push(name))),
    );
    await one.begun;
    expect(seen).toEqual(['first in']);
    one.finish();
    await Promise.all([first, ...others]);
    expect(seen).toEqual(['first in', 'first out', 'second', 'third']);
  });

  test('lets the next one through when the work before it failed', async () => {
    const turnstile = new Turnstile();
    const failing = turnstile.pass(patient, () => Promise.reject(new Error('broken')));
    const next = turnstile.pass(patient, () => Promise.resolve('through'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('through');
  });

  test('who gives up waiting holds nobody up, and lets nobody in early', async () => {
    const turnstile = new Turnstile();
    const one = work();
    const first = turnstile.pass(patient, one.run);
    await one.begun;
    const impatient = new AbortController();
    const second = turnstile.pass(impatient.signal, () => Promise.reject(new Error('must not run')));
    let thirdIn = false;
    const third = turnstile.pass(patient, () => {
      thirdIn = true;
      return Promise.resolve();
    });
    impatient.abort(new Error('gave up'));
    await expect(second).rejects.toThrow('gave up');
    // What an early turn would need: every promise callback that is due has run.
    await new Promise((resolve) => setImmediate(resolve));
    expect(thirdIn).toBe(false);
    one.finish();
    await Promise.all([first, third]);
    expect(thirdIn).toBe(true);
  });

  test('who has given up before does not queue', async () => {
    const turnstile = new Turnstile();
    await expect(turnstile.pass(AbortSignal.abort(new Error('gone')), () => Promise.resolve())).rejects.toThrow('gone');
    expect(await turnstile.pass(patient, () => Promise.resolve(1))).toBe(1);
  });
});
