import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { failures, type FailureType } from '../../src/model/failures.js';
import type { Receipt } from '../../src/model/receipt.js';
import { startWorld, type World } from '../support/world.js';

/** What `temporal workflow execute` printed and left in the history. */
interface CliRun {
  readonly workflowId: string;
  readonly exitCode: number;
  /** All that the operator sees. */
  readonly screen: string;
  /** The same run as `temporal workflow show` tells it, as JSON. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly result: Receipt | undefined;
  readonly failure: { readonly message: string; readonly type: string } | undefined;
}

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

function temporal(...words: readonly string[]): Promise<{ exitCode: number; stdout: string; screen: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      inject('temporalCliPath'),
      [...words, '--address', inject('temporalAddress'), '--color', 'never'],
      { maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => {
        resolve({ exitCode: child.exitCode ?? -1, stdout, screen: stdout + stderr });
      },
    );
  });
}

/** Payloads as plain text, so that what is looked for is found. */
const decoded = (name: string, value: unknown): unknown =>
  name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value;

/** Each input is what stands after one `--input`. */
async function execute(...inputs: readonly string[]): Promise<CliRun> {
  const workflowId = world.id('by-cli');
  const start = ['--type', 'exportForecast', '--task-queue', world.taskQueue, '--workflow-id', workflowId];
  const given = inputs.flatMap((input) => ['--input', input]);
  const { exitCode, screen } = await temporal('workflow', 'execute', ...start, ...given);
  const shown = await temporal('workflow', 'show', '--workflow-id', workflowId, '-o', 'json');
  const { events } = JSON.parse(shown.stdout, decoded) as { events: Record<string, unknown>[] };
  const last = events.at(-1) as {
    workflowExecutionCompletedEventAttributes?: { result: { payloads: { data: string }[] } };
    workflowExecutionFailedEventAttributes?: {
      failure: { message: string; applicationFailureInfo: { type: string } };
    };
  };
  const failure = last.workflowExecutionFailedEventAttributes?.failure;
  const [result] = last.workflowExecutionCompletedEventAttributes?.result.payloads ?? [];
  return {
    workflowId,
    exitCode,
    screen,
    events,
    result: result && (JSON.parse(result.data) as Receipt),
    failure: failure && { message: failure.message, type: failure.applicationFailureInfo.type },
  };
}

const typesOf = ({ events }: CliRun): unknown[] => events.map(({ eventType }) => eventType);

/** The run ended in its first workflow task: nothing else was done, at Clari or elsewhere. */
function expectToEndAtOnce(run: CliRun, type: FailureType): void {
  expect(run.failure?.type).toBe(type);
  // A task that a busy machine lost is given out again, so the attempts at the first task are not counted.
  expect(typesOf(run).filter((event) => !/_TASK_(SCHEDULED|STARTED|TIMED_OUT)$/.test(String(event)))).toEqual([
    'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED',
  ]);
  expect(typesOf(run)).not.toContain('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
  expectReadable(run, type);
}

/** One message with the remedy, once, and no stack trace beside it. */
function expectReadable(run: CliRun, type: FailureType): void {
  expect(run.exitCode).toBe(1);
  expect(run.failure?.message).toContain(failures[type].remedy);
  expect(run.screen.split(run.failure?.message ?? '?')).toHaveLength(2);
  expect(run.screen).not.toMatch(/StackTrace|\.ts:\d+|Activity task failed/);
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

type Said = readonly (string | RegExp)[];
const faulty: readonly [name: string, inputs: readonly string[], said: Said][] = [
  ['no input at all', [], [/0 arguments came/, /{"forecastId":"net_arr"/]],
  [
    'an empty object',
    ['{}'],
    ['The input has a fault.', 'forecastId: is missing', 'Forecast Tab', '{"forecastId":"net_arr"'],
  ],
  ['an id that is null', ['{"forecastId":null}'], ['forecastId: must be text']],
  ['a number as id', ['{"forecastId":42}'], ['forecastId: must be text', 'put the number in quotes']],
  [
    'wrong types, all of them at once',
    [
      '{"forecastId":["net_arr"],"typesToExport":"forecast","includeHistorical":"yes","fresh":1,"currency":"usd","scopeId":1905}',
    ],
    [
      '6 faults',
      'forecastId: must be text',
      'typesToExport: must be a list without repeats of forecast, quota,',
      'includeHistorical: must be true or false without quotes',
      'fresh: must be true or false without quotes',
      'currency: must be a currency code of three capital letters',
      /scopeId: must be text .*put the number in quotes/,
    ],
  ],
  [
    'another way to write a quarter',
    ['{"forecastId":"net_arr","timePeriod":"2026-Q4"}'],
    ['YYYY_Qn', '2026_Q4 was probably meant'],
  ],
  ['two arguments', ['{"forecastId":"net_arr"}', '{"timePeriod":"2027_Q2"}'], ['2 arguments came']],
  ['an array', ['["net_arr"]'], ['an array came']],
  ['null', ['null'], ['null came']],
  ['a text', ['"net_arr"'], ['a string came']],
  [
    'fields in the wrong case or with a slip',
    ['{"forcastId":"net_arr","timeperiod":"2027_Q2"}'],
    ['forecastId was probably meant', 'timePeriod was probably meant', 'forecastId: is missing', '3 faults'],
  ],
  [
    'a field by another name that would be ignored otherwise',
    ['{"forecastId":"net_arr","quarter":"2027_Q2"}'],
    ['quarter: no such field; timePeriod was probably meant'],
  ],
];

describe('an input that can not be right ends the run in its first task, with every fault in one message', () => {
  test.each(faulty)('%s', async (_name, inputs, said) => {
    const run = await execute(...inputs);
    expectToEndAtOnce(run, 'InvalidInput');
    for (const text of said) {
      if (typeof text === 'string') expect(run.failure?.message).toContain(text);
      else expect(run.failure?.message).toMatch(text);
    }
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
    expect(run.failure?.type).toBe('UnknownForecast');
    expect(run.failure?.message).toContain('no forecast "net_ar"; there are: net_arr, renewals.');
    expect(run.failure?.message).toContain('"net_arr" was probably meant');
    expectReadable(run, 'UnknownForecast');
    expect(typesOf(run).at(-1)).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_FAILED');
  });

  test('an unknown connection: what there is; Clari is not called', async () => {
    const before = world.clari.journal.entries.length;
    const run = await execute('{"forecastId":"net_arr","connection":"staging"}');
    expect(run.failure?.type).toBe('UnknownConnection');
    expect(run.failure?.message).toContain('there are: default.');
    expectReadable(run, 'UnknownConnection');
    expect(typesOf(run)).not.toContain('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    expect(world.clari.journal.entries).toHaveLength(before);
  });
});
