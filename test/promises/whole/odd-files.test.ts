import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forecastTables, type ForecastTableName } from '../../../src/model/tables.js';
import type { ClariProxy } from '../../support/clari-proxy.js';
import { jobsOf, timePeriod } from '../../support/faulty-runs.js';
import { changeFile } from '../../support/given-files.js';
import { failureOf } from '../../support/runs.js';
import { startProxied } from '../../support/proxied-world.js';
import type { World } from '../../support/world.js';

/* Files that are written otherwise than most (fault 23): all their rows land, and the receipt says so. */

const lists = {
  forecast_entries: 'entries',
  forecast_users: 'users',
  forecast_fields: 'fields',
  forecast_time_periods: 'timePeriods',
  forecast_time_frames: 'timeFrames',
} as const satisfies Record<ForecastTableName, string>;
type File = Partial<Record<(typeof lists)[ForecastTableName], readonly Readonly<Record<string, unknown>>[] | null>>;

interface Row {
  readonly name: string;
  readonly entries?: number;
  readonly shape?: 'five-lists' | 'flat';
  readonly change?: (file: File) => string;
}

const BYTE_ORDER_MARK = '\uFEFF';
const compact = (file: File): string => JSON.stringify(file);
const NASTY = 'Commit, "best case"\r\nor \\less\u2028 — naïve 👩‍👩‍👧';

const rows: readonly Row[] = [
  { name: 'one entry', entries: 1 },
  { name: 'one entry, flat', entries: 1, shape: 'flat' },
  { name: 'no entries', change: (file) => compact({ ...file, entries: [] }) },
  {
    name: 'empty lists',
    change: () => compact({ entries: [], users: [], fields: [], timePeriods: [], timeFrames: [] }),
  },
  { name: 'null for empty lists', change: ({ entries = [] }) => compact({ entries, users: null, fields: null }) },
  { name: 'entries alone', change: ({ entries = [] }) => compact({ entries }) },
  {
    name: 'the lists in another order',
    change: (file) => compact(Object.fromEntries(Object.entries(file).reverse())),
  },
  { name: 'indented', change: (file) => JSON.stringify(file, null, 2) },
  { name: 'indented, flat', shape: 'flat', change: (file) => JSON.stringify(file, null, '\t') },
  { name: 'a byte order mark', change: (file) => BYTE_ORDER_MARK + compact(file) },
  {
    name: 'a byte order mark, indented, lines ended as on Windows',
    change: (file) => `${BYTE_ORDER_MARK}${JSON.stringify(file, null, 2).replaceAll('\n', '\r\n')}\r\n`,
  },
  {
    name: 'quotes, commas and line ends in texts',
    change: ({ fields, ...file }) =>
      compact({ ...file, fields: (fields ?? []).map((field) => ({ ...field, fieldName: NASTY })) }),
  },
];
const idOf = (name: string): string => name.replaceAll(/\W+/g, '_');

const refused = {
  'CSV with quotes and line ends':
    'User,Field,Data Type,Data Value\r\n"Doe, ""J""","fc\r\ncommit",Forecast Value,1\r\n',
  'rows in a bare list': '[{"User":"x","Value":1}]',
};
type Refused = keyof typeof refused;
const refusedNames = Object.keys(refused) as Refused[];

describe('fault 23: a file with', () => {
  let world: World;
  let proxy: ClariProxy;
  beforeAll(async () => {
    const named = [...rows, ...refusedNames.map((name): Row => ({ name }))];
    ({ world, proxy } = await startProxied({
      forecasts: named.map(({ name, entries = 300, shape = 'five-lists' }) => ({
        forecastId: idOf(name),
        forecastName: name,
        entries,
        shape,
      })),
      pollsUntilDone: 0,
      concurrentLimit: 100,
    }));
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  test.concurrent.for(rows.map((row) => [row.name, row] as const))(
    '%s lands with the rows that it has',
    async ([name, row]) => {
      const { shape, change = compact } = row;
      const forecastId = idOf(name);
      let came: File = {};
      changeFile(world, proxy, forecastId, (bytes) => {
        const sent = change(JSON.parse(bytes.toString('utf8')) as File);
        came = JSON.parse(sent.replace(BYTE_ORDER_MARK, '')) as File;
        return Buffer.from(sent);
      });
      const receipt = await world.export({ forecastId, timePeriod });
      for (const { name: table } of forecastTables) {
        // A flat file has its people in its entries.
        const known = shape === 'flat' && table === 'forecast_users' ? undefined : (came[lists[table]]?.length ?? 0);
        const counted = receipt.tables.find((one) => one.table === table);
        const [landed] = await world.rows(`SELECT count(*)::INT FROM ${table} WHERE export_id = '${receipt.exportId}'`);
        expect([table, counted?.staged, counted?.landed], name).toEqual([table, landed?.[0], landed?.[0]]);
        if (known !== undefined) expect([table, counted?.read, landed?.[0]], name).toEqual([table, known, known]);
      }
      expect(jobsOf(world, forecastId)).toEqual([receipt.jobId]);
    },
  );

  test('quotes, commas and line ends has them in the destination', async () => {
    const forecastId = idOf('quotes, commas and line ends in texts');
    const { exportId } = await world.export({ forecastId, timePeriod, jobId: jobsOf(world, forecastId)[0] ?? '' });
    expect(await world.rows(`SELECT DISTINCT field_name FROM forecast_fields WHERE export_id = '${exportId}'`)).toEqual(
      [[NASTY]],
    );
  });

  test.concurrent.for(refusedNames)('%s in place of lists is refused, and nothing lands', async (name) => {
    const forecastId = idOf(name);
    changeFile(world, proxy, forecastId, () => Buffer.from(refused[name]));
    const { type, message } = await failureOf(world.export({ forecastId, timePeriod }));
    expect([type, message]).toEqual(['FileMalformed', expect.stringContaining('does not begin with an object')]);
    expect(message).not.toContain('Doe');
    expect(await world.rows(`SELECT count(*)::INT FROM exports WHERE forecast_id = '${forecastId}'`)).toEqual([[0]]);
  });
});
