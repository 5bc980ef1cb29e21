import { describe, expect, test } from 'vitest';
import { startFakeClari } from '../../src/testing/fake-clari/index.js';
import { makePlan } from './plan.js';

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('the plan of the chaos bench', () => {
  test('is the same for the same seed, and another for another one', () => {
    for (const seed of seeds) {
      expect(makePlan(seed, 3)).toEqual(makePlan(seed, 3));
      expect(makePlan(seed, 3).happenings).not.toEqual(makePlan(seed + 1, 3).happenings);
    }
  });

  test('is in the order of time, and within its minutes', () => {
    for (const seed of seeds) {
      const times = makePlan(seed, 2).happenings.map(({ at }) => at);
      expect(times).toEqual([...times].sort((one, other) => one - other));
      expect(times.at(-1)).toBeLessThan(120_000);
    }
  });

  test('has something of each sort, however short it is', () => {
    const sorts = ['export', 'reland', 'line', 'rule', 'server', 'hold', 'rotate'];
    for (const seed of seeds) {
      const drawn = makePlan(seed, 0.5).happenings.map(({ what }) => (what === 'backfill' ? 'export' : what));
      expect(drawn).toEqual(expect.arrayContaining(sorts));
      expect(drawn.some((what) => ['kill', 'pause', 'term'].includes(what))).toBe(true);
    }
  });

  test('has only faults that the fake takes', async () => {
    for (const seed of seeds) {
      const { scene, happenings } = makePlan(seed, 5);
      const fake = await startFakeClari({ dialect: scene.dialect, forecasts: scene.forecasts });
      try {
        fake.faults.add(...happenings.flatMap((one) => (one.what === 'rule' ? [one.rule] : [])));
      } finally {
        await fake.close();
      }
    }
  });

  test.each([
    [-1, 3],
    [1.5, 3],
    [2 ** 31, 3],
    [Number.NaN, 3],
    [1, 0],
    [1, Number.NaN],
    [1, 1441],
  ])('is refused for seed %s and %s minutes', (seed, minutes) => {
    expect(() => makePlan(seed, minutes)).toThrow(/^--(seed|minutes): must be/);
  });
});
