import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
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

/** Every command line of the README's shell blocks. */
const commands = [...readme.matchAll(/^ *```sh\n([^]*?)^ *```/gm)]
  .flatMap(([, block]) => (block ?? '').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '');

const temporalStart = commands.find((command) => command.startsWith('temporal '));
const sql = commands.find((command) => command.startsWith('npm run sql '));

/** Commands that other tests run, with the place where they do. */
const runElsewhere: Readonly<Record<string, string>> = {
  'npm ci && npm run demo': 'test/cli/demo.test.ts, after the installation of .ci/run',
  'npm ci && npm test': '.ci/run',
  'npm start': 'test/config/worker-start.test.ts',
};

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
    const known = [...Object.keys(runElsewhere), ...tctl, temporalStart, sql];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
    expect(tctl).toHaveLength(1);
  });

  test('starts an export by the temporal line as written, and shows it by the sql line', async () => {
    // Only what tells the suite's server and worker from the reader's is put in.
    const line = `${temporalStart ?? ''} --address ${inject('temporalAddress')}`
      .replace('temporal ', `${inject('temporalCliPath')} `)
      .replace('--task-queue clari', `--task-queue ${world.taskQueue}`)
      .replace('--workflow-id export-net_arr', `--workflow-id ${world.id()}`);
    const { stdout } = await run('sh', ['-c', `${line} --output json`]);
    const { workflowId } = JSON.parse(stdout) as { workflowId: string };
    await world.client.workflow.getHandle(workflowId).result();

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
