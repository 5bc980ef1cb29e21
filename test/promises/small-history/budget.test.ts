import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClariProxy } from '../../support/clari-proxy.js';
import { startFaulty, unfinished } from '../../support/faulty-runs.js';
import { sizeOf } from '../../support/histories.js';
import { start, until } from '../../support/runs.js';
import { startProxied } from '../../support/proxied-world.js';
import type { World } from '../../support/world.js';
import { expectSmall } from './budget.js';

const ids = ['plain', 'polled', 'odd'] as const;
let proxy: ClariProxy;
let world: World;
beforeAll(async () => {
  ({ world, proxy } = await startProxied({
    forecasts: ids.map((forecastId) => ({ forecastId, forecastName: forecastId, entries: 200, shape: 'five-lists' })),
    pollsUntilDone: 1,
  }));
});
afterAll(async () => {
  await world.close();
  await proxy.close();
});

describe('the history of one export', () => {
  test('is within its budget, and the same however often Clari is asked', async () => {
    const plain = await start(world, { forecastId: 'plain', timePeriod: '2027_Q2' });
    await plain.result();
    const polled = await startFaulty(world, 'polled', [unfinished]);
    const looks = (): number => proxy.asked.filter((line) => line === `GET /v4/export/jobs/${jobOf('polled')}`).length;
    const jobOf = (forecastId: string): string =>
      world.clari.jobs.all().find(({ request }) => request.forecastId === forecastId)?.jobId ?? '';
    await until('six polls', () => Promise.resolve(looks() >= 6 || undefined));
    world.clari.faults.clear();
    await polled.result();
    const [few, many] = [sizeOf(await plain.fetchHistory()), sizeOf(await polled.fetchHistory())];
    expectSmall(few);
    expectSmall(many);
    expect(many.events).toBe(few.events);
  });

  test('is within its budget where five hundred fields are not landed', async () => {
    // The longest names that are reported at all.
    const odd = Object.fromEntries(
      Array.from({ length: 500 }, (_, number) => [`custom_field_number_${number}_`.padEnd(64, 'x'), 1]),
    );
    void proxy.spoilNext({
      fits: (_method, path) => path.endsWith('/results'),
      does: (body) => {
        const file = JSON.parse(body.toString('utf8')) as { entries: object[] };
        Object.assign(file.entries[0] ?? {}, odd);
        return Buffer.from(JSON.stringify(file));
      },
    });
    const handle = await start(world, { forecastId: 'odd', timePeriod: '2027_Q2' });
    const receipt = await handle.result();
    expect(receipt.droppedFields.map(({ field }) => field.length)).toEqual(Array.from({ length: 30 }, () => 64));
    expectSmall(sizeOf(await handle.fetchHistory()));
  });
});
