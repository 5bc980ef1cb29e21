import { expect, test } from 'vitest';
import { sql } from '../destinations/loads.js';
import { timePeriod } from '../support/faulty-runs.js';
import { startWorld } from '../support/world.js';
import { amountsOf, type Amounts } from './amounts.js';
import { checkAmounts } from './check-amounts.js';
import { check } from './checker.js';
import { readClari } from './clari-evidence.js';
import { entryOf, SoundWorld } from './sound-evidence.js';
import { readWarehouse, warehouseOf } from './warehouse.js';

const sound = new SoundWorld();
const { exportId } = entryOf('net_arr');
const own = sound.warehouse.amounts.get(exportId) ?? new Map<never, never>();

/** What the checker says where the first export has these amounts, and all the rest is as it should be. */
function rulesWith(amounts: Amounts): readonly string[] {
  const { warehouse } = sound;
  const all = new Map([...warehouse.amounts, [exportId, amounts]]);
  return check(sound.evidence({ warehouse: { ...warehouse, amounts: all } })).violations.map(({ rule }) => rule);
}

test.each([
  ['another sum', new Map([...own].map(([place, sum]) => [place, { ...sum, total: sum.total + 1_000n }]))],
  ['fewer of them', new Map([...own].map(([place, sum]) => [place, { ...sum, values: sum.values - 1 }]))],
  ['one in another column', new Map([...own].map(([place, sum]) => [place.replace('forecast', 'quota'), sum]))],
  ['none', new Map<never, never>()],
])('the checker of the chaos bench sees amounts that are not Clari’s: %s', (_what, amounts) => {
  expect(rulesWith(own)).toEqual([]);
  expect(rulesWith(amounts)).toEqual(['what landed are Clari’s amounts']);
});

test.each([
  ['499.99', 0n],
  ['500', 1_000n],
  ['-500.00', -1_000n],
  ['-1499.5', -1_000n],
  ['12345678901234.56', 12_345_678_901_000n],
  ['9007199254740993', 9_007_199_254_741_000n],
])('the amount %s is expected to the nearest thousand', (amount, total) => {
  const sums = amountsOf([{ fieldId: 'f', timeFrameId: 'w', forecastValue: amount, quotaValue: null }]);
  expect([...sums]).toEqual([['["f","w","forecast_value"]', { values: 1, total }]]);
});

test('the amounts of a real warehouse are Clari’s, in five lists, flat, truncated and in parts, and others are not', async ({
  onTestFinished,
}) => {
  const shapes = ['five-lists', 'flat', 'split', 'cut'];
  const world = await startWorld({
    ...{ concurrentLimit: 100, pollsUntilDone: 0 },
    forecasts: shapes.map((id) => ({
      ...{ forecastId: id, forecastName: id, entries: 120, shape: id === 'flat' ? 'flat' : 'five-lists' },
    })),
  });
  onTestFinished(() => world.close());
  for (const forecastId of ['split', 'cut'])
    world.clari.faults.add({
      match: { endpoint: 'createForecastExport', forecastId },
      fault: { kind: 'job', rowsTruncated: true },
    });
  for (const forecastId of shapes)
    await world.export({ forecastId, timePeriod, splitIfTruncated: forecastId === 'split', allowIncomplete: true });
  const [clari, warehouse] = [readClari(world.clari, false), await readWarehouse(world)];
  expect(warehouse.amounts.size).toBe(shapes.length);
  expect(checkAmounts(sound.evidence({ clari, warehouse }))).toEqual([]);
  await sql(
    ['UPDATE forecast_entries SET forecast_value = forecast_value + 1000 WHERE forecast_value IS NOT NULL'],
    warehouseOf(world),
  );
  const changed = await readWarehouse(world);
  expect(checkAmounts(sound.evidence({ clari, warehouse: changed }))).toHaveLength(shapes.length);
});
