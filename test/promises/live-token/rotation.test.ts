import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failures } from '../../../src/model/failures.js';
import { unfinished } from '../../support/faulty-runs.js';
import { failureOf, jobOf, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

const userId = 40_112;
let folder: string;
let tokenFile: string;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'clari-token-'));
  tokenFile = path.join(folder, 'token');
  await writeFile(tokenFile, 'token-one\n');
  world = await startWorld({
    tokens: [{ token: 'token-one', userId }],
    forecasts: [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries: 100, shape: 'five-lists' }],
    environment: { CLARI_API_KEY: '', CLARI_API_KEY_FILE: tokenFile },
  });
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** As a secret store does it: both are good for a moment, the file changes in one step, the old one goes. */
async function rotate(from: string, to: string): Promise<void> {
  world.clari.tokens.add({ token: to, userId });
  await writeFile(`${tokenFile}.new`, `${to}\n`);
  await rename(`${tokenFile}.new`, tokenFile);
  world.clari.tokens.revoke(from);
}

const polls = (jobId: string): number =>
  world.clari.journal.entries.filter(({ path: asked, status }) => asked.endsWith(`/jobs/${jobId}`) && status === 200)
    .length;
const attemptsOf = async (workflowId: string, activity: string): Promise<number> => {
  const { events } = await world.client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = events?.find((e) => e.activityTaskScheduledEventAttributes?.activityType?.name === activity);
  const begun = events?.find((event) => {
    const id = event.activityTaskStartedEventAttributes?.scheduledEventId;
    return id !== undefined && id !== null && scheduled?.eventId?.toString() === id.toString();
  });
  return begun?.activityTaskStartedEventAttributes?.attempt ?? 0;
};

// One after the other: each begins with the token that the one before has left.
describe('fault 13: the token changes under the worker', () => {
  test('between two exports: the next one uses the new one, without a restart', async () => {
    await world.export({ forecastId: 'net_arr', timePeriod: '2027_Q1' });
    await rotate('token-one', 'token-two');
    const receipt = await world.export({ forecastId: 'net_arr', timePeriod: '2027_Q2' });
    expect(receipt.complete).toBe(true);
  });

  test('in the middle of an export: it goes on with the new one', async () => {
    world.clari.faults.add(unfinished);
    const handle = await start(world, { forecastId: 'net_arr', timePeriod: '2027_Q3' });
    const jobId = await jobOf(handle);
    await world.clari.journal.waitFor(() => polls(jobId) >= 1);
    await rotate('token-two', 'token-three');
    const before = polls(jobId);
    await world.clari.journal.waitFor(() => polls(jobId) > before);
    world.clari.faults.clear();
    expect((await handle.result()).jobId).toBe(jobId);
    expect(world.clari.journal.entries.filter(({ status }) => status === 401)).toEqual([]);
  });

  test('revoked without a new one in the middle of an export: it fails at once and says what to do', async () => {
    world.clari.faults.add(unfinished);
    const handle = await start(world, { forecastId: 'net_arr', timePeriod: '2027_Q4' });
    await jobOf(handle);
    world.clari.tokens.revoke('token-three');
    const failure = await failureOf(handle.result());
    world.clari.faults.clear();
    expect(failure.type).toBe('TokenRejected');
    expect(failure.message).toContain(failures.TokenRejected.remedy);
    expect(world.clari.journal.entries.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(await world.stagedFiles()).toEqual([]);
  });

  test('bad from the start: the first step fails at its first attempt, and no job is asked for', async () => {
    const jobs = world.clari.jobs.all().length;
    const id = world.id('bad-token');
    const failure = await failureOf(world.export({ forecastId: 'net_arr', timePeriod: '2026_Q1' }, id));
    expect(failure).toMatchObject({ type: 'TokenRejected' });
    expect(failure.message).toContain('make a new one in Clari under User Settings > API Token');
    expect(await attemptsOf(id, 'verifyAuth')).toBe(1);
    expect(world.clari.jobs.all()).toHaveLength(jobs);
  });

  test('a good one again: the next export goes, and nothing of the failed ones is in its way', async () => {
    await rotate('token-three', 'token-four');
    const receipt = await world.export({ forecastId: 'net_arr', timePeriod: '2026_Q2' });
    expect(receipt.complete).toBe(true);
    for (const token of world.clari.tokens.everKnown()) expect(world.logs.join('\n')).not.toContain(token);
  });
});
