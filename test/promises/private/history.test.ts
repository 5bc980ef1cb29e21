import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.js';
import { Search } from '../../../src/leak-scan/search.js';
import { canariesOf } from '../../support/canaries.js';
import { ClariProxy } from '../../support/clari-proxy.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { unfinished } from '../../support/faulty-runs.js';
import { accountHistory } from '../../support/histories.js';
import { failureOf, stage, start } from '../../support/runs.js';
import { startWorld, type World, type WorldOptions } from '../../support/world.js';

const token = 'canary-token-of-this-file';
const key = 'canary key of this file, long enough to be one';
const period = '2027_Q2';
const own: WorldOptions = {
  tokens: [{ token, userId: 7 }],
  seed: 4711,
  environment: { CLARI_API_KEY: token, CLARI_REDACTION_KEY: key },
};
const tables = [
  ...['forecast_entries', 'forecast_users', 'forecast_fields', 'forecast_time_periods', 'forecast_time_frames'],
  'exports',
];
const forecast = (forecastId: string, shape: 'flat' | 'five-lists') => ({
  forecastId,
  forecastName: forecastId,
  entries: 600,
  users: 30,
  shape,
});

const found = (where: string | Buffer, values: readonly string[]): string[] => new Search(values).in(where);

async function destinationText(world: World, names: readonly string[] = tables): Promise<string> {
  const rows = await Promise.all(names.map((name) => world.rows(`SELECT * FROM ${name}`)));
  return rows.flat(2).map(String).join('\n');
}

/** Nothing private in histories, logs and staging; canary.test.ts looks at the server's database. */
async function expectSilence(world: World, workflowIds: readonly string[]): Promise<void> {
  const values = canariesOf(world, [key]);
  expect(values.length).toBeGreaterThan(60);
  const histories = [await accountHistory(world)];
  for (const id of workflowIds) histories.push(await world.client.workflow.getHandle(id).fetchHistory());
  const text = histories.map(textsOf).join('\n');
  // The search finds what is there.
  for (const id of workflowIds) expect(text).toContain(id);
  expect(found(text, values)).toEqual([]);
  expect(found(world.logs.join('\n'), values)).toEqual([]);
  expect(await world.stagedFiles()).toEqual([]);
}

describe('nothing personal and no secret leaves staging and the destination', () => {
  let world: World;
  let broken: World;
  let proxy: ClariProxy;
  beforeAll(async () => {
    world = await startWorld({
      ...own,
      dialect: 'brief',
      limitsInBriefDialect: true,
      forecasts: [forecast('flat', 'flat'), forecast('lists', 'five-lists')],
    });
    broken = await startWorld({
      ...own,
      forecasts: [forecast('lists', 'five-lists')],
      apiUrl: async (clari) => {
        proxy = await ClariProxy.start(clari.apiUrl);
        return proxy.apiUrl;
      },
    });
  });
  afterAll(async () => {
    await Promise.all([world.close(), broken.close()]);
    await proxy.close();
  });

  test('whether a run succeeds or fails, and however it fails', async () => {
    const ids: string[] = [];
    const run = async (request: object): Promise<string> => {
      const id = world.id('canary');
      ids.push(id);
      return world.export(request, id).then(
        () => 'landed',
        async (error: unknown) => (await failureOf(Promise.reject(error as Error))).type,
      );
    };
    expect(await run({ forecastId: 'flat', timePeriod: period })).toBe('landed');
    expect(await run({ forecastId: 'lists', timePeriod: period })).toBe('landed');
    expect(found(await destinationText(world), canariesOf(world, [key]))).toEqual([]);
    expect(world.clari.mintedLinks().length).toBeGreaterThan(0);

    world.clari.jobs.failNext();
    expect(await run({ forecastId: 'lists', timePeriod: '2027_Q1' })).toBe('ExportFailed');
    // A quarter that this Clari does not know: it gives the current one without a word.
    expect(await run({ forecastId: 'lists', timePeriod: '2039_Q1' })).toBe('WrongTimePeriod');

    // Neither job comes to its end before something has happened to it.
    world.clari.faults.add(unfinished);
    const cut = await start(world, { forecastId: 'lists', timePeriod: '2027_Q3' }, 'cut');
    const { facts } = await stage(cut, 'exporting');
    world.clari.jobs.update(String(facts['Clari job']), { rowsTruncated: true });
    world.clari.faults.clear();
    expect((await failureOf(cut.result())).type).toBe('ExportTruncated');

    world.clari.faults.add(unfinished);
    const revoked = await start(world, { forecastId: 'lists', timePeriod: '2027_Q4' }, 'revoked');
    await stage(revoked, 'exporting');
    world.clari.tokens.revoke(token);
    expect((await failureOf(revoked.result())).type).toBe('TokenRejected');
    await expectSilence(world, [...ids, cut.workflowId, revoked.workflowId]);
  });

  test('also where the file breaks off in the middle of a name, or holds one where a number belongs', async () => {
    const spoils: readonly [string, string, (text: string) => string][] = [
      ['2027_Q1', 'FileMalformed', (text) => text.slice(0, text.indexOf('"email":"') + 20)],
      ['2027_Q2', 'ValueRejected', (text) => text.replace(/"forecastValue":[-\d.]+/, `"forecastValue":${aName()}`)],
    ];
    const aName = (): string => {
      const [job] = broken.clari.jobs.all();
      const [name] = job ? broken.clari.expected(job.jobId).personalValues() : [];
      return JSON.stringify(name?.value);
    };
    const ids: string[] = [];
    for (const [timePeriod, type, spoil] of spoils) {
      // A file that is not whole is downloaded once more.
      for (let download = type === 'FileMalformed' ? 2 : 1; download > 0; download--) {
        void proxy.spoilNext({
          fits: (_method, path) => path.endsWith('/results'),
          does: (body) => Buffer.from(spoil(body.toString('utf8'))),
        });
      }
      const id = broken.id('spoilt');
      ids.push(id);
      const failure = await failureOf(broken.export({ forecastId: 'lists', timePeriod }, id));
      expect(failure.type, failure.message).toBe(type);
    }
    await expectSilence(broken, ids);
  });
});

describe('who may see whom depends on the environment', () => {
  let world: World | undefined;
  let receipt: Receipt;
  const sha256 = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex');
  const open = async (environment: Record<string, string>): Promise<World> => {
    world = await startWorld({
      ...own,
      forecasts: [forecast('lists', 'five-lists')],
      environment: { ...own.environment, ...environment },
    });
    receipt = await world.export({ forecastId: 'lists', timePeriod: period });
    return world;
  };
  const warned = (of: World): unknown[] =>
    of.logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === 'policy');
  const users = (of: World) => {
    const [job] = of.clari.jobs.all();
    return [...of.clari.expected(job?.jobId ?? '').records('users')];
  };

  test('production keeps people in forecast_users, and nowhere else', async () => {
    const opened = await open({ CLARI_ENVIRONMENT: 'production' });
    try {
      const names = new Set(users(opened).map(({ name }) => String(name)));
      const landed = await opened.rows('SELECT DISTINCT name FROM forecast_users');
      expect(new Set(landed.map(([name]) => String(name)))).toEqual(names);
      const elsewhere = await destinationText(
        opened,
        tables.filter((table) => table !== 'forecast_users'),
      );
      expect(found(elsewhere, canariesOf(opened, [key]))).toEqual([]);
      expect([receipt.warnings, warned(opened)]).toEqual([[], []]);
    } finally {
      await opened.close();
    }
  });

  test('elsewhere people land for a reason alone, which is logged and stands in the receipt', async () => {
    const opened = await open({
      CLARI_ENVIRONMENT: 'staging',
      CLARI_POLICY: 'production',
      CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: 'the copy for the audit of 2027',
    });
    try {
      const says =
        'The policy production lands personal data in the environment "staging", allowed because: the copy for the audit of 2027';
      expect(receipt.warnings).toEqual([says]);
      expect(await opened.rows(`SELECT receipt->>'$.warnings[0]', environment FROM exports`)).toEqual([
        [says, 'staging'],
      ]);
      expect(warned(opened)).toMatchObject([{ level: 'warn', connection: 'default', msg: says }]);
    } finally {
      await opened.close();
    }
  });

  test('brief is the function of the brief, value by value', async () => {
    const opened = await open({ CLARI_POLICY: 'brief' });
    try {
      const expected = users(opened).map(({ name, email }) => [
        `Rep-${sha256(name).slice(0, 6)}`,
        `${sha256(email).slice(0, 12)}@redacted`,
      ]);
      const landed = await opened.rows('SELECT name, email FROM forecast_users');
      expect(landed.map(String).sort()).toEqual(expected.map(String).sort());
      const says =
        'The policy brief is unkeyed, reversible: whoever guesses a name or an e-mail can recognise its hash. Names may land as they are ' +
        'in forecast_entries.updated_by, forecast_entries.adjusted_by, forecast_entries.extra, forecast_users.extra, which it keeps.';
      expect(receipt).toMatchObject({ policy: { reversible: true }, key: null, warnings: [says] });
      expect(warned(opened)).toMatchObject([{ level: 'warn', connection: 'default', msg: says }]);
    } finally {
      await opened.close();
    }
  });
});
