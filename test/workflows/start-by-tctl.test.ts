import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { tctlLine } from '../../src/cli/command-lines.js';
import type { Receipt } from '../../src/model/receipt.js';
import { checkout } from '../support/child.js';
import { until } from '../support/runs.js';
import {
  expectReadable,
  expectSaid,
  expectToEndAtOnce,
  inputsOf,
  recorded,
  typed,
  type Typed,
  type TypedRun,
} from '../support/typed-runs.js';
import { startWorld, type World } from '../support/world.js';
import { faultyInputs } from './faulty-inputs.js';

const found = inject('tctl');
const forecasts = [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries: 300, shape: 'five-lists' }] as const;
const readme = await readFile(`${checkout}README.md`, 'utf8');

/** What `tctl workflow observe` and `run` end with. */
function receiptOn(screen: string): Receipt {
  const [, receipt = ''] = /^ {2}Status: COMPLETED\n {2}Output: \[(.*)\]$/m.exec(screen) ?? [];
  return JSON.parse(receipt) as Receipt;
}

function expectLanded({ request, tables }: Receipt): void {
  expect(request).toMatchObject({ forecastId: 'net_arr', connection: 'default' });
  expect(tables.find(({ table }) => table === 'forecast_entries')).toMatchObject({
    read: 300,
    staged: 300,
    landed: 300,
  });
}

let world: World;
let env: Readonly<Record<string, string | undefined>>;
/** A line as an operator types it, who has set tctl's variable for the server and has it on the PATH. */
const shell = (line: string): Promise<Typed> => typed('sh', ['-c', line], env);
const tctl = (...words: readonly string[]): Promise<Typed> => typed('tctl', words, env);
/** Waits for a run's end. */
const observe = (workflowId: string): Promise<Typed> => tctl('workflow', 'observe', '--workflow_id', workflowId);

/** Starts an export and waits for its end; each input is what stands after one `--input`. */
async function execute(...inputs: readonly string[]): Promise<TypedRun> {
  const workflowId = world.id('by-tctl');
  const names = ['--tq', world.taskQueue, '--wt', 'exportForecast', '--wid', workflowId];
  const started = await tctl('workflow', 'start', ...names, ...inputs.flatMap((input) => ['-i', input]));
  expect(started).toMatchObject({ exitCode: 0 });
  return recorded(workflowId, await observe(workflowId));
}

beforeAll(async () => {
  if ('skipped' in found) return;
  world = await startWorld({ dialect: 'brief', forecasts });
  const bin = path.join(world.folder, 'bin');
  await mkdir(bin);
  await symlink(found.path, path.join(bin, 'tctl'));
  env = { PATH: `${bin}:${process.env.PATH ?? ''}`, TEMPORAL_CLI_ADDRESS: inject('temporalAddress') };
});
afterAll(async () => {
  if ('path' in found) await world.close();
});

describe.skipIf('skipped' in found)('tctl', () => {
  test('starts an export by the line of the README, and observe waits for its receipt', async () => {
    const [, line = '', workflowId = ''] = /^ *(tctl .*--workflow_id (\S+) .*)$/m.exec(readme) ?? [];
    expect(line).toContain(' --taskqueue clari ');
    const started = await shell(line.replace('--taskqueue clari', `--taskqueue ${world.taskQueue}`));
    expect(started).toMatchObject({ exitCode: 0, screen: expect.stringContaining(workflowId) as string });
    const { screen } = await observe(workflowId);
    expectLanded(receiptOn(screen));
  });

  test('starts an export and waits for its receipt in one command', async () => {
    const workflowId = world.id('in-one');
    const words = ['--taskqueue', world.taskQueue, '--workflow_type', 'exportForecast', '--workflow_id', workflowId];
    const { screen } = await tctl('workflow', 'run', ...words, '--input', '{"forecastId":"net_arr"}');
    expectLanded(receiptOn(screen));
  });

  test('starts an export by its short flags, with fields that are null or unknown', async () => {
    const workflowId = world.id('short');
    const input = '{"forecastId":"net_arr","scopeId":null,"fresh":null,"myNumber":1.0}';
    const { exitCode } = await shell(
      `tctl --ns default workflow start --tq ${world.taskQueue} --wt exportForecast --wid ${workflowId} -i '${input}'`,
    );
    expect(exitCode).toBe(0);
    const receipt = receiptOn((await observe(workflowId)).screen);
    expectLanded(receipt);
    expect(receipt.request).toMatchObject({ scopeId: null, fresh: false });
    expect(receipt.warnings).toEqual(['myNumber: no such field; it was ignored']);
  });

  test('starts an export by the line of the demo, whatever a shell would take for itself', async () => {
    const workflowId = `it's\ta "run" \\ $HOME \`id\` #1 ! ${world.id()}`;
    const input = { forecastId: 'net_arr', myNote: 'a\'b"c\\d$e`f <é> & 日本 \n 100%' };
    const address = inject('temporalAddress');
    const line = tctlLine({ address, namespace: 'default', taskQueue: world.taskQueue, workflowId, input });
    const { exitCode } = await typed('sh', ['-c', line], { PATH: env.PATH });
    expect(exitCode).toBe(0);
    const run = await recorded(workflowId, await observe(workflowId));
    expectLanded(receiptOn(run.screen));
    expect(inputsOf(run)).toEqual([input]);
  });

  test('shows the progress of a run, and its cancellation cleans up', async () => {
    // No job ends before the test says so.
    const waiting = await startWorld({ forecasts, pollsUntilDone: 1_000_000 });
    try {
      const workflowId = waiting.id('to-cancel');
      const words = ['--tq', waiting.taskQueue, '--wt', 'exportForecast', '--wid', workflowId];
      await tctl('workflow', 'start', ...words, '-i', '{"forecastId":"net_arr"}');
      await until('the stage "exporting"', async () => {
        const { screen } = await tctl('workflow', 'query', '--workflow_id', workflowId, '--query_type', 'progress');
        return screen.includes('"stage":"exporting"') ? true : undefined;
      });
      expect(await tctl('workflow', 'cancel', '--workflow_id', workflowId)).toMatchObject({ exitCode: 0 });
      expect((await observe(workflowId)).screen).toContain('Status: CANCELED');
      // Clari's word for it depends on whether the job had begun.
      expect(waiting.clari.jobs.all().map(({ state }) => state)).toEqual([
        expect.stringMatching(/^(cancelled|aborted)$/),
      ]);
      expect(await waiting.stagedFiles()).toEqual([]);
    } finally {
      await waiting.close();
    }
  });

  test.each(faultyInputs)('gets told what is wrong with the input: %s', async (_name, inputs, said) => {
    const run = await execute(...inputs);
    expectToEndAtOnce(run, 'InvalidInput');
    expectSaid(run, said);
  });

  test('changes a number before anybody can check it, which is why an id must be text', async () => {
    const asNumber = await execute('{"forecastId":9007199254740993}');
    expect(inputsOf(asNumber)).toEqual([{ forecastId: 9007199254740992 }]);
    expectSaid(asNumber, [/forecastId: must be text .*put the number in quotes/]);

    const asText = await execute('{"forecastId":"9007199254740993"}');
    expectSaid(asText, ['no forecast "9007199254740993"; there are: net_arr.']);
    expectReadable(asText, 'UnknownForecast');
  });
});
