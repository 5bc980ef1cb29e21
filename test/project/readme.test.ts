import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { format } from 'prettier';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { requestJsonSchema } from '../../src/model/request-fields.js';
import { withTables } from '../../scripts/docs/tables.js';
import { startWorld, type World } from '../support/world.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(path.join(root, 'README.md'), 'utf8');

/** Every command line of the README: the lines of its shell blocks, and what stands in back-quotes and starts like one. */
const commands = [
  ...[...readme.matchAll(/^ *```sh\n([^]*?)^ *```/gm)].flatMap(([, block]) => (block ?? '').split('\n')),
  ...[...readme.matchAll(/`((?:npm|npx|node|temporal|tctl|openssl) [^`]+)`/g)].map(([, code]) => code ?? ''),
]
  .map((line) => line.trim())
  .filter((line) => line !== '');

const temporalStart = commands.find((command) => command.startsWith('temporal '));
const sql = commands.find((command) => command.startsWith('npm run sql '));

/** Commands that are run elsewhere: the file that does, and the words by which it does. */
const runElsewhere: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'npm ci && npm test': ['.ci/run', 'npm ci && npm test'],
  'npm ci && npm run demo': ['test/cli/demo.test.ts', "'demo'"],
  'npx clari-temporal demo': ['test/consumers/own-worker.long.test.ts', "['demo'"],
  'npm run cli -- account show': ['test/cli/account.test.ts', "['show']"],
  'npm run cli -- account release EXPORT --no-job': ['test/cli/account.test.ts', "'--no-job'"],
  'npm run cli -- redact export.json --policy keyed --key file:redaction.key --out export.duckdb': [
    'test/cli/redact.test.ts',
    "'file:redaction.key',",
  ],
  'npm run cli -- policy check export.json --policy keyed': [
    'test/cli/policy.test.ts',
    "check('lists.json', '--policy', 'keyed')",
  ],
  'npm run cli -- policy show keyed': ['test/cli/policy.test.ts', "'show', 'keyed'"],
  'npm run cli -- leak-scan --values people.txt --temporal --path worker.log --duckdb warehouse.duckdb --expected forecast_users':
    ['test/cli/leak-scan.test.ts', "['--temporal', '--query'"],
  'npm run demo -- --keep': ['test/cli/demo.test.ts', "'--keep'"],
  [`temporal workflow update execute --workflow-id export-net_arr --name acceptExport --input '{"by":"jane"}'`]: [
    'test/promises/whole/held.test.ts',
    'temporal workflow update ',
  ],
  'npm run build': ['package.json', 'npm run build'],
  'node dist/worker.js': ['bench/export.ts', '../dist/worker.js'],
  'npm run bench:export -- --mb 1000': ['package.json', 'bench/export.ts'],
  'npm run bench -- --mb 1200': ['package.json', 'bench/bench.ts'],
  'npm run bench:splitter': ['package.json', 'bench/splitter.ts'],
  'npm run bench:history': ['package.json', 'bench/history.ts'],
  'npm run bench:staging': ['package.json', 'bench/staging.ts'],
  'npm install @aws-sdk/client-s3': ['package.json', '"@aws-sdk/client-s3"'],
};
/** Run below. */
const runHere = [
  'npm start',
  'openssl rand -hex 32',
  'openssl rand -hex 32 > redaction.key',
  'temporal server start-dev',
];

describe('the README', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      forecasts: [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries: 100, shape: 'five-lists' }],
    });
  });
  afterAll(() => world.close());

  test('has no command that no test runs', () => {
    const tctl = commands.filter((command) => command.startsWith('tctl '));
    const result = commands.filter((command) => command.startsWith('temporal workflow result '));
    const known = [...Object.keys(runElsewhere), ...runHere, ...tctl, ...result, temporalStart, sql];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
    expect([tctl.length, result.length]).toEqual([1, 1]);
  });

  test.each(Object.entries(runElsewhere))('%s is run where it is said to be', async (command, [file, words]) => {
    expect(commands).toContain(command);
    expect(await readFile(path.join(root, file), 'utf8')).toContain(words);
  });

  test('npm start runs a worker that is configured by variables, with a key from openssl', async () => {
    const { stdout: key } = await run('openssl', ['rand', '-hex', '32']);
    const child = spawn('npm', ['start'], {
      cwd: root,
      env: {
        ...process.env,
        ...world.environment,
        CLARI_REDACTION_KEY: key.trim(),
        CLARI_TASK_QUEUE: `${world.taskQueue}-npm`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      // The signal below is for npm and what it starts, as Ctrl-C in a terminal is.
      detached: true,
    });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('"event":"started"')) break;
    child.stdout.resume();
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    await ended;
  });

  test('starts an export by the temporal line as written, and shows it by the sql line', async () => {
    // Only what tells the suite's server and worker from the reader's is put in.
    const line = `${temporalStart ?? ''} --address ${inject('temporalAddress')}`
      .replace('temporal ', `${inject('temporalCliPath')} `)
      .replace('--task-queue clari', `--task-queue ${world.taskQueue}`)
      .replace('--workflow-id export-net_arr', `--workflow-id ${world.id()}`);
    const { stdout } = await run('sh', ['-c', `${line} --output json`]);
    const { workflowId } = JSON.parse(stdout) as { workflowId: string };
    const waits = commands.find((command) => command.startsWith('temporal workflow result ')) ?? '';
    const wait = `${waits} --address ${inject('temporalAddress')}`
      .replace('temporal ', `${inject('temporalCliPath')} `)
      .replace('--workflow-id export-net_arr', `--workflow-id ${workflowId}`);
    expect((await run('sh', ['-c', wait])).stdout).toContain('"receiptVersion":1');

    const shown = (sql ?? '').replace('warehouse.duckdb', path.join(world.folder, 'warehouse.duckdb'));
    const { stdout: rows } = await run('sh', ['-c', shown], { cwd: root });
    expect(rows).toContain('net_arr');
  });

  test('has the same input in the tctl line as in the temporal line', () => {
    const input = (line: string | undefined) => /--input '([^']*)'/.exec(line ?? '')?.[1];
    expect(input(commands.find((command) => command.startsWith('tctl ')))).toBe(input(temporalStart));
  });

  test('has tables as the code has them (npm run docs)', async () => {
    expect(await format(withTables(readme), { parser: 'markdown', printWidth: 120 })).toBe(readme);
  });

  test('links to a JSON Schema as the code has it (npm run docs)', async () => {
    const published = await readFile(path.join(root, 'schemas/export-forecast-request.schema.json'), 'utf8');
    expect(JSON.parse(published)).toEqual(requestJsonSchema());
  });

  test('names a folder of tests for each promise, and each has some', async () => {
    const folders = [...readme.matchAll(/\]\((test\/promises\/[a-z-]+)\)/g)].map(([, folder]) => folder ?? '');
    expect(folders).toHaveLength(8);
    for (const folder of folders) {
      const { stdout } = await run('git', ['ls-files', '--cached', '--others', `${folder}/*.test.ts`], { cwd: root });
      expect(stdout, folder).not.toBe('');
    }
  });
});
