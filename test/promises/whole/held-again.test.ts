import { expect, test } from 'vitest';
import { holdMessages } from '../../../src/model/hold.js';
import { changeNext, entriesTimes } from '../../support/changed-files.js';
import { startProxied } from '../../support/proxied-world.js';
import { stage, start, until } from '../../support/runs.js';

test('an export is held again where another snapshot has landed since somebody was shown how it differs from the last one', async ({
  onTestFinished,
}) => {
  const forecast = { forecastId: 'f', forecastName: 'f', entries: 400, shape: 'five-lists' } as const;
  const { world, proxy } = await startProxied({ forecasts: [forecast], pollsUntilDone: 0 });
  onTestFinished(async () => {
    await world.close();
    await proxy.close();
  });
  const request = { forecastId: 'f', timePeriod: '2027_Q2', fresh: true };
  const { exportId: first } = await world.export(request);
  const held = async (times: number, name: string) => {
    changeNext(proxy, entriesTimes(times));
    const run = await start(world, request, name);
    return { run, facts: (await stage(run, 'held')).facts };
  };
  const big = await held(2, 'big');
  const small = await held(0.25, 'small');
  expect(small.facts).toMatchObject({ 'last snapshot': first, forecast_entries: '400 rows before, 100 now (-75 %)' });
  await big.run.executeUpdate(holdMessages.accept, { args: [{ by: 'joe' }] });
  const { exportId: second } = await big.run.result();

  await small.run.executeUpdate(holdMessages.accept, { args: [{ by: 'jane' }] });
  const facts = await until('another hold', async () => {
    const { facts: now } = await stage(small.run, 'held');
    return now['last snapshot'] === second ? now : undefined;
  });
  expect(facts).toMatchObject({ forecast_entries: '800 rows before, 100 now (-87 %)' });
  expect(await world.rows('SELECT count(*)::INT FROM exports')).toEqual([[2]]);
  await small.run.executeUpdate(holdMessages.accept, { args: [{ by: 'ann' }] });
  expect((await small.run.result()).accepted).toMatchObject({
    ...{ by: 'ann', comparedWith: second },
    findings: expect.arrayContaining([expect.objectContaining({ before: 800, now: 100 })]) as unknown,
  });
});
