import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectReadable,
  expectSaid,
  expectToEndAtOnce,
  recorded,
  temporal,
  typesOf,
  type TypedRun,
} from '../support/typed-runs.js';
import { startWorld, type World } from '../support/world.js';
import { faultyInputs } from './faulty-inputs.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    dialect: 'brief',
    forecasts: [
      { forecastId: 'net_arr', forecastName: 'Net ARR', entries: 300, shape: 'five-lists' },
      { forecastId: 'renewals', forecastName: 'Renewals', entries: 300, shape: 'flat' },
    ],
  });
});
afterAll(() => world.close());

/** Each input is what stands after one `--input`. */
async function execute(...inputs: readonly string[]): Promise<TypedRun> {
  const workflowId = world.id('by-cli');
  const start = ['--type', 'exportForecast', '--task-queue', world.taskQueue, '--workflow-id', workflowId];
  const given = inputs.flatMap((input) => ['--input', input]);
  return recorded(workflowId, await temporal('workflow', 'execute', ...start, ...given));
}

test('the receipt of an export started by hand is on the screen', async () => {
  const run = await execute('{"forecastId":"net_arr","timePeriod":"2027_Q2","myNote":"for the board"}');
  expect(run.exitCode).toBe(0);
  expect(run.result?.request).toMatchObject({ forecastId: 'net_arr', timePeriod: '2027_Q2', connection: 'default' });
  expect(run.result?.warnings).toEqual(['myNote: no such field; it was ignored']);
  const entries = run.result?.tables.find(({ table }) => table === 'forecast_entries');
  expect(entries).toMatchObject({ read: 300, staged: 300, landed: 300 });
  expect(run.screen).toContain(run.result?.exportId);
  expect(run.screen).not.toContain('for the board');
});

describe('an input that can not be right ends the run in its first task, with every fault in one message', () => {
  test.each(faultyInputs)('%s', async (_name, inputs, said) => {
    const run = await execute(...inputs);
    expect(run.exitCode).toBe(1);
    expectToEndAtOnce(run, 'InvalidInput');
    expectSaid(run, said);
  });
});

// Made up at each run: nothing that looks like a token stands in this file.
const opaque = Buffer.from(Array.from({ length: 36 }, (_, index) => (index * 89 + 41) % 256)).toString('base64url');
const pasted: readonly [name: string, input: object, secret: string, place: string][] = [
  ['as a field of its own', { forecastId: 'net_arr', apiKey: 'abc-123' }, 'abc-123', 'input.apiKey'],
  ['as a word of a sentence', { forecastId: 'net_arr', note: `clari tok ${opaque}` }, opaque, 'input.note'],
  ['as the forecast', { forecastId: opaque }, opaque, 'input.forecastId'],
  ['as bearer text in a note', { forecastId: 'net_arr', note: `Bearer ${opaque}` }, opaque, 'input.note'],
  [
    'as a signed link',
    { forecastId: 'net_arr', source: { url: 'https://files.example.com/a.json?X-Amz-Signature=1234abcd' } },
    '1234abcd',
    'input.source.url',
  ],
  ['as the name of a field', { forecastId: 'net_arr', [opaque]: true }, opaque, 'input (the name of a field)'],
];

describe('a secret in the input ends the run in its first task, and is not repeated', () => {
  test.each(pasted)('%s', async (_name, input, secret, place) => {
    const run = await execute(JSON.stringify(input));
    expect(run.exitCode).toBe(1);
    expectToEndAtOnce(run, 'SecretInInput');
    expect(run.failure?.message).toContain(place);
    expect(run.failure?.message).toContain('temporal workflow delete --namespace default --workflow-id');
    expect(run.failure?.message).toMatch(/make a new token in Clari/);
    const [started, ...rest] = run.events;
    expect(JSON.stringify(started)).toContain(secret);
    expect(JSON.stringify(rest)).not.toContain(secret);
    expect(run.screen).not.toContain(secret);
    expect(world.logs.join('')).not.toContain(secret);
  });
});

describe('a name that only the worker can know', () => {
  test('an unknown forecast: what there is, and which was probably meant', async () => {
    const run = await execute('{"forecastId":"net_ar"}');
    expect(run.exitCode).toBe(1);
    expect(run.failure?.type).toBe('UnknownForecast');
    expect(run.failure?.message).toContain('no forecast "net_ar"; there are: net_arr, renewals.');
    expect(run.failure?.message).toContain('"net_arr" was probably meant');
    expectReadable(run, 'UnknownForecast');
    expect(typesOf(run).at(-1)).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_FAILED');
  });

  test('an unknown connection: what there is; Clari is not called', async () => {
    const before = world.clari.journal.entries.length;
    const run = await execute('{"forecastId":"net_arr","connection":"staging"}');
    expect(run.exitCode).toBe(1);
    expect(run.failure?.type).toBe('UnknownConnection');
    expect(run.failure?.message).toContain('there are: default.');
    expectReadable(run, 'UnknownConnection');
    expect(typesOf(run)).not.toContain('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    expect(world.clari.journal.entries).toHaveLength(before);
  });
});
