import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { startChild } from '../../support/child.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { start } from '../../support/runs.js';
import { startWorld } from '../../support/world.js';
import {
  crashesOfCancelling,
  crashesOnTheWay,
  forecasts,
  leavesCancellation,
  leavesExport,
  request,
  survivesCancelling,
  survivesCrash,
} from './crashing.js';

test.concurrent.for(crashesOnTheWay.first)(leavesExport, survivesCrash);

test.concurrent.for(crashesOfCancelling.first)(leavesCancellation, survivesCancelling);

test('a worker that nobody asked to crash passes them all', async () => {
  const world = await startWorld({ ...quick, forecasts });
  try {
    const worker = await startWorkerProcess(world);
    await (await start(world, request)).result();
    worker.signal('SIGTERM');
    expect(await worker.ended).toMatchObject({ exitCode: 0, stderr: '' });
  } finally {
    await world.close();
  }
});

test('a crash point that does not exist is refused rather than never reached', async () => {
  const { PATH = '' } = process.env;
  const env = { PATH, CLARI_TEST_CRASH_AT: 'after-lunch' };
  const { exitCode, stderr } = await startChild('src/worker.ts', [], { cwd: tmpdir(), env }).ended;
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('CLARI_TEST_CRASH_AT: must be one of after-claim')]);
});
