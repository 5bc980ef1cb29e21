import { once, EventEmitter } from 'node:events';
import { Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { ExportError } from '../../src/model/export-error.js';
import type { Leftover } from '../../src/staging/port.js';
import { sweepOnce } from '../../src/worker/sweep.js';
import { startSweeping } from '../../src/worker/sweeper.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DEADLINE_MS = 10 * HOUR_MS;

function left(runKey: string, changes: Partial<Leftover> = {}, ageMs = 0): Leftover {
  const owner = { workflowId: `workflow of ${runKey}`, namespace: 'ours' };
  return { runKey, ...owner, changedAt: Date.now() - ageMs, discard: () => Promise.resolve(), ...changes };
}

const refused = (): Promise<void> =>
  Promise.reject(
    new ExportError(
      'StagingUnavailable',
      'Staging failed while discarding staged files: the folder may not be written.',
    ),
  );

/** What one sweep does where Temporal knows these runs. */
async function swept(leftovers: readonly Leftover[], over: Readonly<Record<string, boolean>> = {}) {
  const did: {
    readonly swept: string[];
    readonly closed: string[];
    readonly stuck: string[];
    readonly asked: string[];
  } = {
    ...{ swept: [], closed: [], stuck: [], asked: [] },
  };
  await sweepOnce({
    staging: { leftovers: () => Promise.resolve(leftovers) },
    namespace: 'ours',
    deadlineMs: DEADLINE_MS,
    isOver(_workflowId, runId) {
      did.asked.push(runId);
      return Promise.resolve(over[runId]);
    },
    closeRun(runId) {
      did.closed.push(runId);
      return runId === 'stuck' ? refused() : Promise.resolve();
    },
    onSwept: (runKey) => did.swept.push(runKey),
    onStuck: (runKey, why) => did.stuck.push(`${runKey}: ${why}`),
  });
  return did;
}

test('what can not be removed is told with its reason, and the rest is removed', async () => {
  const odd = (): Promise<void> => Promise.reject(new TypeError('/a/path/of/somebody'));
  const did = await swept([left('stuck', { discard: refused }), left('odd', { discard: odd }), left('gone')], {
    ...{ stuck: true, odd: true, gone: true },
  });
  expect(did.swept).toEqual(['gone']);
  expect(did.stuck).toEqual([
    'stuck: Staging failed while discarding staged files: the folder may not be written.',
    'odd: TypeError.',
  ]);
});

test('a run that is over may publish no more, whatever becomes of its bytes; of others nobody knows that', async () => {
  const hours = DEADLINE_MS + HOUR_MS;
  const did = await swept(
    [
      left('running', {}, hours),
      left('stuck', { discard: refused }),
      left('ended'),
      left('unknown', {}, hours),
      left('begun', { workflowId: undefined, nothingStaged: true }, hours),
    ],
    { running: false, stuck: true, ended: true },
  );
  expect(did).toMatchObject({ closed: ['stuck', 'ended'], swept: ['ended', 'unknown', 'begun'] });
});

test('a run of another namespace is not asked about, and goes when it is older than any run may be', async () => {
  const foreign = { namespace: 'theirs' };
  const did = await swept([left('young', foreign, 2 * HOUR_MS), left('old', foreign, DEADLINE_MS + 1_000)]);
  expect(did).toMatchObject({ asked: [], swept: ['old'] });
});

test('a run whose namespace was not noted is asked about', async () => {
  const did = await swept([left('ended', { namespace: undefined }), left('running', { namespace: undefined })], {
    ...{ ended: true, running: false },
  });
  expect(did).toMatchObject({ asked: ['ended', 'running'], swept: ['ended'] });
});

test('what was hardly begun goes when it has been quiet for a minute', async () => {
  const begun = { workflowId: undefined, nothingStaged: true } as const;
  const did = await swept([left('new', begun, MINUTE_MS - 10_000), left('old', begun, MINUTE_MS + 1_000)]);
  expect(did).toMatchObject({ asked: [], swept: ['old'] });
});

test('a run that Temporal does not know goes when it has been quiet for an hour, one without an owner after the deadline', async () => {
  const nobody = { workflowId: undefined };
  const did = await swept([
    left('unknown', {}, HOUR_MS + 1_000),
    left('new', {}, HOUR_MS - 10_000),
    left('of-nobody', nobody, 2 * HOUR_MS),
    left('of-nobody-old', nobody, DEADLINE_MS + 1_000),
  ]);
  expect(did.swept).toEqual(['unknown', 'of-nobody-old']);
});

test('what stays stuck is told once, and again after it was not', async () => {
  const sweeps = new EventEmitter();
  const stuck = left('stuck', { workflowId: undefined, discard: refused }, 2 * DEADLINE_MS);
  const rounds: (() => Promise<readonly Leftover[]>)[] = [
    () => Promise.resolve([stuck]),
    () => Promise.resolve([stuck]),
    () => Promise.reject(new ExportError('StagingUnavailable', 'The disk is away.')),
    () => Promise.resolve([]),
    () => Promise.resolve([stuck]),
  ];
  const told: string[] = [];
  const connection = Connection.lazy();
  const done = once(sweeps, 'done');
  const leftovers = (): Promise<readonly Leftover[]> => {
    const round = rounds.shift();
    if (round) return round();
    sweeps.emit('done');
    return Promise.resolve([]);
  };
  const stop = startSweeping(
    { staging: { leftovers }, connections: [] },
    { deadline: DEADLINE_MS / 1000 },
    { connection: connection as unknown as NativeConnection },
    { everyMs: 1, onStuck: (why, runKey) => told.push(`${runKey ?? 'all'}: ${why.split(':')[0] ?? ''}`) },
  );
  await done;
  stop();
  await connection.close();
  const failed = 'stuck: Staging failed while discarding staged files';
  expect(told).toEqual([failed, 'all: The disk is away.', failed]);
});
