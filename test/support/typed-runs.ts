import { execFile } from 'node:child_process';
import { expect, inject } from 'vitest';
import { failures, type FailureType } from '../../src/model/failures.js';
import type { Receipt } from '../../src/model/receipt.js';

/** A command that an operator typed: how it ended and all that it printed. */
export interface Typed {
  readonly exitCode: number;
  readonly stdout: string;
  /** All that the operator sees. */
  readonly screen: string;
}

/** What starting an export by hand printed and left in the history. */
export interface TypedRun extends Pick<Typed, 'exitCode' | 'screen'> {
  readonly workflowId: string;
  /** The same run as `temporal workflow show` tells it, as JSON. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly result: Receipt | undefined;
  readonly failure: { readonly message: string; readonly type: string } | undefined;
}

/** Runs an executable to its end, whatever that is. */
export function typed(
  file: string,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Typed> {
  return new Promise((resolve) => {
    const child = execFile(file, [...words], { env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, screen: stdout + stderr });
    });
  });
}

/** Temporal's own command line, on the suite's server. */
export const temporal = (...words: readonly string[]): Promise<Typed> =>
  typed(inject('temporalCliPath'), [...words, '--address', inject('temporalAddress'), '--color', 'never']);

/** Payloads as plain text, so that what is looked for is found. */
const decoded = (name: string, value: unknown): unknown =>
  name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value;

/** Completes what an operator saw of a run with what stands in its history. */
export async function recorded(
  workflowId: string,
  { exitCode, screen }: Pick<Typed, 'exitCode' | 'screen'>,
): Promise<TypedRun> {
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

/** The arguments that the run was started with, as they stand in its history. */
export function inputsOf({ events }: TypedRun): unknown[] {
  const [started] = events as [
    { workflowExecutionStartedEventAttributes: { input?: { payloads: { data: string }[] } } },
  ];
  const payloads = started.workflowExecutionStartedEventAttributes.input?.payloads ?? [];
  return payloads.map(({ data }) => JSON.parse(data) as unknown);
}

export const typesOf = ({ events }: TypedRun): unknown[] => events.map(({ eventType }) => eventType);

/** The run ended in its first workflow task: nothing else was done, at Clari or elsewhere. */
export function expectToEndAtOnce(run: TypedRun, type: FailureType): void {
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
export function expectReadable(run: TypedRun, type: FailureType): void {
  expect(run.failure?.message).toContain(failures[type].remedy);
  expect(run.screen.split(run.failure?.message ?? '?')).toHaveLength(2);
  // tctl prints the name of a trace that is empty.
  expect(run.screen).not.toMatch(/StackTrace(?!:,)|\.ts:\d+|Activity task failed/);
}

/** Each text is said in the run's failure. */
export function expectSaid(run: TypedRun, said: readonly (string | RegExp)[]): void {
  for (const text of said) {
    if (typeof text === 'string') expect(run.failure?.message).toContain(text);
    else expect(run.failure?.message).toMatch(text);
  }
}
