import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClariProxy } from '../../support/clari-proxy.js';
import { smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { changeFile } from '../../support/given-files.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { failureOf, start } from '../../support/runs.js';
import { startProxied } from '../../support/proxied-world.js';
import type { World } from '../../support/world.js';

/*
 * Rows that a file should not have (fault 16), through a whole run: the third entry of a sound file is another one. It lands right,
 * or the run stops and names its place and nothing of what stands there.
 */

const PLACE = 3;
/** Stands in every poison that has a place for it. */
const CANARY = 'Wuqezimo';

interface Poison {
  readonly name: string;
  /** The entry as it stands in the file; given without its closing brace. */
  readonly entry: (open: string) => string;
}

const stopping: readonly (Poison & { readonly type: 'FileMalformed' | 'ValueRejected'; readonly says: RegExp })[] = [
  {
    name: 'a byte that is no UTF-8',
    entry: (open) => `${open},"updatedBy":"${CANARY}\xFF"}`,
    type: 'FileMalformed',
    says: /not valid UTF-8/,
  },
  {
    name: 'a lone surrogate',
    entry: (open) => `${open},"updatedBy":"${CANARY}\\ud800"}`,
    type: 'FileMalformed',
    says: /escape that is none/,
  },
  {
    name: 'a NUL',
    entry: (open) => `${open},"updatedBy":"${CANARY}\\u0000"}`,
    type: 'ValueRejected',
    says: /forecast_entries\.updated_by/,
  },
  { name: '1e400', entry: (open) => `${open},"crmClosed":1e400}`, type: 'ValueRejected', says: /\.crm_closed/ },
  {
    name: 'a key twice',
    entry: (open) => `${open},"currency2":"${CANARY}","currency2":1}`,
    type: 'FileMalformed',
    says: /key twice/,
  },
  {
    name: 'nesting without end',
    entry: (open) => `${open},"more":${'['.repeat(300)}"${CANARY}"${']'.repeat(300)}}`,
    type: 'FileMalformed',
    says: /nested deeper/,
  },
  {
    name: 'a text for an amount',
    entry: (open) => `${open},"crmClosed":"${CANARY}"}`,
    type: 'ValueRejected',
    says: /\.crm_closed/,
  },
  {
    name: 'an object for an id',
    entry: (open) => `${open},"updatedBy":{"name":"${CANARY}"}}`,
    type: 'ValueRejected',
    says: /\.updated_by/,
  },
];

/** What of the third entry lands. The `keyed` policy rounds amounts to thousands. */
const landing: readonly (Poison & { readonly shows: string; readonly as: unknown })[] = [
  {
    name: '2^63',
    entry: (open) => `${open},"crmClosed":9223372036854775808}`,
    shows: 'crm_closed::VARCHAR',
    as: '9223372036854776000.000000000',
  },
  { name: '-0', entry: (open) => `${open},"crmClosed":-0}`, shows: 'crm_closed::VARCHAR', as: '0.000000000' },
  {
    name: 'a text of five megabytes',
    entry: (open) => `${open},"currency":"${'ü'.repeat(2_500_000)}"}`,
    shows: 'length(currency_code)',
    as: '2500000',
  },
  {
    name: 'a field that nobody knows, nested deep',
    entry: (open) => `${open},"more":${'['.repeat(200)}"${CANARY}"${']'.repeat(200)}}`,
    shows: 'extra',
    as: null,
  },
  {
    name: 'a user that nobody knows',
    entry: (open) => `${open.replace(/"userId":"[^"]*"/, `"userId":"${CANARY}:R"`)}}`,
    shows: '(user_id IN (SELECT user_id FROM forecast_users))::VARCHAR',
    as: 'false',
  },
];
const idOf = (name: string): string => `poison${name.replaceAll(/\W+/g, '_')}`;

/** The file with another third entry; latin1 takes any byte where it belongs. */
function poisoned(file: Buffer, { entry }: Poison): Buffer {
  const { entries, ...rest } = JSON.parse(file.toString('utf8')) as { entries: Record<string, unknown>[] };
  const texts = entries.map((one, index) => {
    const { currency: _, crmClosed: __, updatedBy: ___, ...kept } = one;
    return index === PLACE - 1 ? entry(JSON.stringify(kept).slice(0, -1)) : JSON.stringify(one);
  });
  const sent = `{"entries":[${texts.join(',')}],${JSON.stringify(rest).slice(1)}`;
  return Buffer.concat(
    sent.split('\xFF').flatMap((part, index) => [...(index === 0 ? [] : [Buffer.from([0xff])]), Buffer.from(part)]),
  );
}

describe('fault 16:', () => {
  let world: World;
  let proxy: ClariProxy;
  beforeAll(async () => {
    ({ world, proxy } = await startProxied({
      forecasts: [...stopping, ...landing].map(({ name }) => smallForecast(idOf(name))),
      pollsUntilDone: 0,
      concurrentLimit: 100,
    }));
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  test.concurrent.for(stopping.map((poison) => [poison.name, poison] as const))(
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

  test.concurrent.for(landing.map((poison) => [poison.name, poison] as const))(
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
