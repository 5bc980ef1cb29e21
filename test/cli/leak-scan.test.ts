import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { startFakeClari } from '../../src/testing/fake-clari/index.js';
import type { ChildResult } from '../support/child.js';
import { serve } from '../support/http-server.js';
import { runHere } from './run-here.js';

const [JANE, JOHN] = ['Jane Canary', 'john@canary.example'];
let folder: string;
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'leak-scan-'));
  await writeFile(at('people.txt'), `# people, a name a line\n${JANE}\n\n${JOHN}\r\n`);
  await writeFile(at('worker.log'), '{"msg":"nothing here"}\n');
  await writeFile(at('leaky.log'), `{"msg":"hello ${JANE.toUpperCase()}"}\n`);
  await writeFile(at(`of ${JANE}.log`), '');
  const instance = await DuckDBInstance.create(at('warehouse.duckdb'));
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE forecast_users (n INT, name VARCHAR, email VARCHAR)`);
  await connection.run(`INSERT INTO forecast_users SELECT i, '${JANE}', '${JOHN}' FROM range(5000) t(i)`);
  await connection.run(`CREATE TABLE exports (amount DECIMAL(38, 9), receipt JSON, tags VARCHAR[])`);
  await connection.run(`INSERT INTO exports VALUES (1.5, '{"by":"${JANE}"}', ['a', '${JOHN}']), (2.5, '{}', [])`);
  connection.closeSync();
  instance.closeSync();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const scan = (...words: readonly string[]): Promise<ChildResult> =>
  runHere('leak-scan', '--quiet', '--values', at('people.txt'), ...words);

describe('clari-temporal leak-scan', () => {
  test('finds nothing in a log that holds nothing', async () => {
    const { exitCode, stdout, stderr } = await scan('--path', at('worker.log'));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Searched: \S+worker\.log \(1 place, 23 bytes\)\.\nNothing was found\.\n$/);
  });

  test('says where a value is, by its line, and never what it is or where a name tells it', async () => {
    const { exitCode, stdout } = await scan('--path', at('leaky.log'), '--path', folder);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/ \S+leaky\.log +line 2\n/);
    expect(stdout).toMatch(/ \S+\/ \(not shown: it holds a value\) +line 2\n/);
    expect(stdout).toMatch(/Not searched: \S+warehouse\.duckdb: a DuckDB database compresses texts/);
    expect(stdout).not.toMatch(/jane|john@/i);
    expect((await scan('--path', at('leaky.log'), '--show')).stdout).toContain(JANE);
  });

  test('looks into a database, column by column, where some may be expected', async () => {
    const found = await scan('--duckdb', at('warehouse.duckdb'), '--json');
    expect(found.exitCode).toBe(1);
    expect(JSON.parse(found.stdout)).toMatchObject({
      findings: [
        { place: 'exports.receipt', lines: [2], cells: 1, expected: false },
        { place: 'exports.tags', lines: [4], cells: 1, expected: false },
        { place: 'forecast_users.name', lines: [2], cells: 5000, expected: false },
        { place: 'forecast_users.email', lines: [4], cells: 5000, expected: false },
      ],
    });
    const some = await scan('--duckdb', at('warehouse.duckdb'), '--expected', 'forecast_users', '--path', folder);
    expect(some.exitCode).toBe(1);
    expect(some.stdout).toMatch(/forecast_users\.name +line 2 +5000 +expected\n/);
    const meant = ['--expected', 'forecast_users', '--expected', 'exports.receipt', '--expected', 'exports.tags'];
    const all = await scan('--duckdb', at('warehouse.duckdb'), ...meant);
    expect([all.exitCode, all.stdout]).toEqual([
      0,
      expect.stringMatching(/Nothing was found where it is not expected\.\n$/),
    ]);
  });

  test('looks at what an address answers', async () => {
    const metrics = await serve((_, response) => response.end(`up{who="${JOHN}"} 1\n`));
    const url = `http://${metrics.host}/metrics`;
    const { exitCode, stdout } = await scan('--url', `${url}?all=${encodeURIComponent(JANE)}`);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(` ${url}  line 4\n`);
    await metrics.close();
    expect(await scan('--url', url)).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('gave no answer') as unknown,
    });
  });

  test('looks at the runs of Temporal that a query names, and says that Temporal refuses another', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', inject('temporalAddress'));
    const query = ['--temporal', '--query', "TaskQueue = 'nobody'"];
    const files = ['--path', at('worker.log'), '--duckdb', at('warehouse.duckdb'), '--expected', 'forecast_users'];
    const { exitCode, stdout } = await scan(...query, ...files);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /Searched: Temporal \(0 places, 0 bytes\), \S+worker\.log \(1 place, .*Found in 2 of them where/s,
    );
    expect(await scan('--query', 'no = query = 1')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^error: Temporal does not answer .* --query/) as unknown,
    });
    vi.unstubAllEnvs();
  });

  test('says of a named place that there is nothing in it to search', async () => {
    await mkdir(at('empty'));
    const { exitCode, stdout } = await scan('--path', at('empty'), '--path', at('worker.log'));
    expect([exitCode, stdout]).toEqual([
      2,
      expect.stringMatching(/^Not searched: \S+empty: there is nothing in it to search\n/),
    ]);
  });

  test('looks for what a fake Clari has given away', async () => {
    const fake = await startFakeClari({
      dialect: 'brief',
      tokens: [{ token: 'canary-token', userId: 7 }],
      forecasts: [],
    });
    await writeFile(at('token.log'), 'apikey: canary-token\n');
    const found = await runHere('leak-scan', '--quiet', '--canaries', fake.controlUrl, '--path', at('token.log'));
    expect([found.exitCode, found.stdout]).toEqual([1, expect.stringMatching(/token\.log +line 1\n/)]);
    await fake.close();
    const none = await runHere('leak-scan', '--canaries', fake.controlUrl, '--path', at('token.log'));
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringMatching(/--canaries: no fake Clari answers there/)]);
    expect(await runHere('leak-scan', '--path', at('token.log'))).toMatchObject({ exitCode: 2 });
  });

  test.each([
    ['values that are found by chance', '--values', 'a@b.c\nJane Canary\nBob\n', /lines 1, 3 of .*fewer than 6 bytes/],
    ['no value', '--values', '\n \n', /holds no value; give one a line/],
    [
      'rows of a table',
      '--values',
      'name\tmail\nJane Canary,john@canary.example\nCanary, Jane\n',
      /lines 1, 2 of .*a line of its own/,
    ],
    ['values in UTF-16', '--values', '\u0000J\u0000a\u0000n\u0000e', /line 1 of .*in UTF-8/],
    ['a database that is none', '--duckdb', 'README.md', /^error: --duckdb: README\.md is not a sound DuckDB database/],
    ['an address that is none', '--url', 'ftp://x', /must be an http or https URL/],
    ['a place that is not there', '--path', 'none.log', /there is no none\.log/],
    ['what is expected nowhere', '--expected', 'exports', /name it with --duckdb/],
  ])('refuses %s', async (_, flag, word, message) => {
    await writeFile(at('short.txt'), word);
    const { exitCode, stdout, stderr } = await scan(flag, flag === '--values' ? at('short.txt') : word);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/jane|a@b/i);
  });
});
