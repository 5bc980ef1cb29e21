import { createHmac } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failures } from '../../../src/model/failures.js';
import { Search } from '../../../src/leak-scan/search.js';
import { canariesOf } from '../../support/canaries.js';
import { checkout } from '../../support/child.js';
import type { ClariProxy } from '../../support/clari-proxy.js';
import { changeNext } from '../../support/changed-files.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { failureOf, start } from '../../support/runs.js';
import { startProxied } from '../../support/proxied-world.js';
import type { World } from '../../support/world.js';

const key = 'a key of the tests, long enough to be one';
const timePeriod = '2027_Q2';
const forecast = (forecastId: string) =>
  ({ forecastId, forecastName: forecastId, entries: 600, users: 30, shape: 'five-lists' }) as const;

const pseudonym = (text: string): string =>
  createHmac('sha256', key).update(`name\0${text}`).digest('hex').slice(0, 32);

describe('a policy file decides what lands', () => {
  let world: World;
  let proxy: ClariProxy;
  beforeAll(async () => {
    ({ world, proxy } = await startProxied({
      forecasts: [forecast('net_arr'), forecast('renewals')],
      environment: {
        CLARI_ENVIRONMENT: 'staging',
        CLARI_POLICY: `file:${path.join(checkout, 'test/promises/private/analysts.policy.yaml')}`,
        CLARI_REDACTION_KEY_NAME: 'people',
        CLARI_REDACTION_KEY_VERSION: '2027-01',
      },
    }));
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  test('column by column, as the receipt says', async () => {
    const receipt = await world.export({ forecastId: 'net_arr', timePeriod });
    expect(receipt.policy).toMatchObject({ name: 'analysts', version: 1, reversible: false });
    expect(receipt.warnings).toEqual([]);
    const { jobId } = receipt;
    const users = [...world.clari.expected(jobId).records('users')];
    const landed = await world.rows('SELECT name, hierarchy_name, crm_id FROM forecast_users');
    expect(landed).toEqual(
      users.map(({ name, hierarchyName }) => [
        `${/^./u.exec(String(name))?.[0] ?? ''}***`,
        pseudonym(String(hierarchyName)),
        null,
      ]),
    );
    const odd = `forecast_value % 25000 <> 0 OR adjustment_value IS NOT NULL OR dayofweek(updated_on) <> 1
      OR CAST(updated_on AS TIME) <> TIME '00:00'`;
    expect(
      await world.rows(
        `SELECT count(*) FILTER (WHERE ${odd})::INT, count(forecast_value)::INT > 0, count(updated_on)::INT > 0 FROM forecast_entries`,
      ),
    ).toEqual([[0, true, true]]);
    expect(await world.rows(`SELECT strftime(start_date, '%m-%d') FROM forecast_time_periods`)).toEqual([['01-01']]);
    expect(await world.rows('SELECT policy, key_version, key_check FROM exports')).toEqual([
      ['analysts@1', 'people@2027-01', receipt.key?.check],
    ]);
    const tables = ['forecast_entries', 'forecast_users', 'forecast_fields', 'exports'];
    const cells = (await Promise.all(tables.map((table) => world.rows(`SELECT * FROM ${table}`)))).flat(2).join('\n');
    expect(new Search(canariesOf(world)).in(cells)).toEqual([]);
  });

  test('a field that it does not know ends the run where the policy says so: by name and count, and nothing lands', async () => {
    const value = 'Wilhelmina Quux';
    changeNext(proxy, (file) => ({
      ...file,
      entries: file.entries.map((entry, at) => (at < 3 ? { ...entry, dealNote: value, [value]: 1 } : entry)),
    }));
    const run = await start(world, { forecastId: 'renewals', timePeriod });
    const { type, message } = await failureOf(run.result());
    expect(type).toBe('PolicyRefused');
    expect(message).toContain(
      'The file has fields that the policy analysts does not know, and it lands no such file: ' +
        'forecast_entries.(name not shown) (3), forecast_entries.dealNote (3).',
    );
    expect(message).toContain(failures.PolicyRefused.remedy);
    expect(textsOf(await run.fetchHistory())).not.toMatch(/Wilhelmina|Quux/);
    expect(await world.rows(`SELECT count(*)::INT FROM exports WHERE forecast_id = 'renewals'`)).toEqual([[0]]);
  });
});
