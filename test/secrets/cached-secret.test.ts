import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExportError } from '../../src/model/export-error.js';
import { cachedSecret } from '../../src/secrets/cached-secret.js';
import { NamedSecret } from '../../src/secrets/named-secret.js';
import { onStaleSecret, type StaleSecret } from '../../src/secrets/stale-secret.js';
import { StoreDown } from '../../src/secrets/store-down.js';
import { failing } from '../support/failing.js';

const MINUTE = 60_000;
const down = new StoreDown('The store is down.');
const denied = new ExportError('SecretUnavailable', 'The store says no.');

/** A store that answers when the test says so, and the cache before it, by a clock that the test sets. */
class Scene {
  readonly asked: { readonly answer: (value: string) => void; readonly fail: (error: Error) => void }[] = [];
  at = 0;
  readonly secret = cachedSecret(
    new NamedSecret('exec:store', () => new Promise((answer, fail) => this.asked.push({ answer, fail }))),
    { now: () => this.at },
  );

  /** Reads, with this answer of the store. */
  async read(answer: string | Error): Promise<string> {
    const value = this.secret.read();
    const asked = this.asked.at(-1);
    if (answer instanceof Error) asked?.fail(answer);
    else asked?.answer(answer);
    return value;
  }
}

describe('a secret whose store is slow', () => {
  let scene: Scene;
  const told: StaleSecret[] = [];
  let stopTelling: () => void;
  beforeEach(() => {
    scene = new Scene();
    told.length = 0;
    stopTelling = onStaleSecret((one) => told.push(one));
  });
  afterEach(() => stopTelling());

  it('is asked for once by 20 that read at once', async () => {
    const reads = Array.from({ length: 20 }, () => scene.secret.read());
    scene.asked[0]?.answer('one');
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['one']));
    expect(scene.asked).toHaveLength(1);
  });

  it('is asked for again after a minute, counted from when it was asked for', async () => {
    const first = scene.secret.read();
    scene.at = 10_000;
    scene.asked[0]?.answer('one');
    await first;
    scene.at = MINUTE - 1;
    await expect(scene.secret.read()).resolves.toBe('one');
    expect(scene.asked).toHaveLength(1);
    scene.at = MINUTE;
    await expect(scene.read('two')).resolves.toBe('two');
    expect(scene.asked).toHaveLength(2);
  });

  it('that was refused is asked for once by all who were refused', async () => {
    await scene.read('one');
    const reads = Array.from({ length: 20 }, () => {
      scene.secret.forget('one');
      return scene.secret.read();
    });
    scene.asked[1]?.answer('two');
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['two']));
    scene.secret.forget('one');
    await expect(scene.secret.read()).resolves.toBe('two');
    expect(scene.asked).toHaveLength(2);
  });

  it('that was refused while it was asked for is asked for once more if it is the same', async () => {
    const reads = [scene.secret.read(), scene.secret.read()];
    scene.secret.forget('one');
    reads.push(scene.secret.read());
    scene.asked[0]?.answer('one');
    await new Promise(setImmediate);
    expect(scene.asked).toHaveLength(2);
    scene.asked[1]?.answer('one');
    expect(await Promise.all(reads)).toEqual(['one', 'one', 'one']);
    await scene.secret.read();
    expect(scene.asked).toHaveLength(2);
  });

  it('keeps its last value while the store is down for less than 15 minutes, and says so once a minute', async () => {
    await scene.read('one');
    for (scene.at = MINUTE; scene.at < 15 * MINUTE; scene.at += MINUTE) {
      await expect(scene.read(down)).resolves.toBe('one');
      scene.at += 10_000;
      await expect(scene.secret.read()).resolves.toBe('one');
      scene.at -= 10_000;
    }
    expect(scene.asked).toHaveLength(15);
    expect(told).toHaveLength(14);
    expect(told[1]).toEqual({
      reference: 'exec:store',
      message: 'The store is down. The value that was read 2 min ago is used, for 13 min more.',
    });
    expect(await failing(scene.read(down))).toMatchObject({
      type: 'SecretUnavailable',
      message: 'The store is down. The last value that was read is older than 15 min and is used no more.',
    });
    expect(await failing(scene.read(down))).toMatchObject({ message: 'The store is down.' });
    expect(told).toHaveLength(14);
  });

  it('takes up the store’s value once it is back', async () => {
    await scene.read('one');
    scene.at = MINUTE;
    await scene.read(down);
    scene.at = 2 * MINUTE;
    await expect(scene.read('two')).resolves.toBe('two');
    scene.at = 16 * MINUTE;
    await expect(scene.read(down)).resolves.toBe('two');
  });

  it('does not keep its last value when the store says no, nor when what used it was refused', async () => {
    await scene.read('one');
    scene.at = MINUTE;
    expect(await failing(scene.read(denied))).toBe(denied);
    expect(await failing(scene.read(down))).toBe(down);
    await scene.read('one');
    scene.secret.forget('one');
    expect(await failing(scene.read(down))).toBe(down);
    expect(told).toEqual([]);
  });

  it('fails for all who wait where the store fails, and is asked for anew by the next', async () => {
    const reads = [failing(scene.secret.read()), failing(scene.secret.read())];
    scene.asked[0]?.fail(down);
    expect(await Promise.all(reads)).toEqual([down, down]);
    await expect(scene.read('one')).resolves.toBe('one');
  });

  it('shows its reference alone, while it holds a value', async () => {
    await scene.read('ЖЩЮЯ');
    expect(JSON.stringify(scene.secret)).toBe('"exec:store"');
    expect(inspect(scene.secret, { showHidden: true, depth: 10 })).toBe('Secret(exec:store)');
  });
});
