import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClariProxy } from '../../support/clari-proxy.js';
import { smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { changeFile } from '../../support/given-files.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { bytesOf, CANARY, landingRows, stoppingRows, type Landing, type Stopping } from '../../support/poison-rows.js';
import { failureOf, start } from '../../support/runs.js';
import { startProxied } from '../../support/proxied-world.js';
import type { World } from '../../support/world.js';

/*
 * Rows that a file should not have (fault 16), through a whole run: the third entry of a sound file is another one. It lands right,
 * or the run stops and names its place and nothing of what stands there.
 */

const PLACE = 3;
const idOf = (name: string): string => `poison${name.replaceAll(/\W+/g, '_')}`;

/** The file with another third entry. */
function poisoned(file: Buffer, { entry }: Stopping | Landing): Buffer {
  const { entries, ...rest } = JSON.parse(file.toString('utf8')) as { entries: Record<string, unknown>[] };
  const texts = entries.map((one, index) => {
    const { currency: _, crmClosed: __, updatedBy: ___, ...kept } = one;
    return index === PLACE - 1 ? entry(JSON.stringify(kept).slice(0, -1)) : JSON.stringify(one);
  });
  return bytesOf(`{"entries":[${texts.join(',')}],${JSON.stringify(rest).slice(1)}`);
}

describe('fault 16:', () => {
  let world: World;
  let proxy: ClariProxy;
  beforeAll(async () => {
    ({ world, proxy } = await startProxied({
      forecasts: [...stoppingRows, ...landingRows].map(({ name }) => smallForecast(idOf(name))),
      pollsUntilDone: 0,
      concurrentLimit: 100,
    }));
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  test.concurrent.for(stoppingRows.map((poison) => [poison.name, poison] as const))(
    'an entry with %s stops the run, which names its place alone',
    async ([, poison]) => {
      const forecastId = idOf(poison.name);
      changeFile(world, proxy, forecastId, (file) => poisoned(file, poison));
      const run = await start(world, { forecastId, timePeriod }, forecastId);
      const { type, message } = await failureOf(run.result());
      expect(type).toBe(poison.type);
      expect(message).toMatch(poison.says);
      expect(message).toContain(`record ${PLACE}`);
      const told = `${textsOf(await run.fetchHistory())}\n${world.logs.join('\n')}`;
      expect(told).toContain(run.workflowId);
      expect(told).not.toContain(CANARY);
      expect(await world.rows(`SELECT count(*)::INT FROM exports WHERE forecast_id = '${forecastId}'`)).toEqual([[0]]);
    },
  );

  test.concurrent.for(landingRows.map((poison) => [poison.name, poison] as const))(
    'an entry with %s lands as it should, with all the others',
    async ([, poison]) => {
      const forecastId = idOf(poison.name);
      changeFile(world, proxy, forecastId, (file) => poisoned(file, poison));
      const { exportId, tables } = await world.export({ forecastId, timePeriod });
      expect(tables[0]).toMatchObject({ table: 'forecast_entries', read: 200, rejected: 0, staged: 200, landed: 200 });
      const landed = await world.rows(
        `SELECT ${poison.shows} FROM forecast_entries WHERE export_id = '${exportId}' LIMIT 1 OFFSET ${PLACE - 1}`,
      );
      expect(landed).toEqual([[poison.as]]);
    },
  );
});
