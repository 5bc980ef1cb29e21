import { afterEach, describe, expect, test } from 'vitest';
import { startWorld, type World, type WorldOptions } from '../../support/world.js';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const forecasts = (shape: 'flat' | 'five-lists') => [
  { forecastId: 'net_arr', forecastName: 'Net ARR', entries: 3000, shape },
];

const cases: readonly [string, WorldOptions][] = [
  ['published, five lists', { dialect: 'published', forecasts: forecasts('five-lists') }],
  [
    'published, status wrapped in job',
    { dialect: 'published', variants: { wrapStatus: true }, forecasts: forecasts('five-lists') },
  ],
  ['brief, flat', { dialect: 'brief', forecasts: forecasts('flat') }],
  ['brief, five lists', { dialect: 'brief', forecasts: forecasts('five-lists') }],
];

describe('an export lands whole', () => {
  test.each(cases)('%s', async (_name, options) => {
    world = await startWorld(options);
    const receipt = await world.export({ forecastId: 'net_arr', timePeriod: '2027_Q2' });
    const expected = world.clari.expected(receipt.jobId);

    for (const { table, read, staged, landed, rejected, checksum } of receipt.tables) {
      const [row] = await world.rows(`SELECT count(*)::VARCHAR FROM ${table} WHERE export_id = '${receipt.exportId}'`);
      expect([table, read, staged, landed, rejected], table).toEqual([table, landed, landed, Number(row?.[0]), 0]);
      expect(checksum).toMatch(/^\d+$/);
    }
    const entries = receipt.tables.find(({ table }) => table === 'forecast_entries');
    expect(entries?.landed).toBe(expected.counts.entries);
    const [published] = await world.rows('SELECT export_id, job_id, complete, row_count::INT FROM exports');
    const total = receipt.tables.reduce((sum, { landed }) => sum + landed, 0);
    expect(published).toEqual([receipt.exportId, receipt.jobId, true, total]);
    expect(await world.stagedFiles()).toEqual([]);
    expect(world.clari.journal.jobsCreated()).toHaveLength(1);
    expect(world.clari.journal.apikeyReachedLinkHost()).toBe(false);
  });

  test('the current quarter and the same one by name are one latest snapshot', async () => {
    world = await startWorld({ dialect: 'published', forecasts: forecasts('five-lists') });
    const current = await world.export({ forecastId: 'net_arr' });
    const named = await world.export({ forecastId: 'net_arr', timePeriod: current.timePeriod, fresh: true });
    expect(current.timePeriod).toBe('2027_Q2');
    expect(await world.rows('SELECT count(*)::INT FROM exports')).toEqual([[2]]);
    expect(await world.rows('SELECT export_id FROM latest_exports')).toEqual([[named.exportId]]);
  });
});
