import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerQuery, type AccountState } from '../../../src/model/account.js';
import { taskQueues } from '../../../src/model/task-queues.js';
import { jobsOf, postsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { ending, jobOf, start, type ExportHandle } from '../../support/runs.js';
import { backfill, createSchedule, nthRun, secondOf } from '../../support/schedules.js';
import { startWorld, type World } from '../../support/world.js';

/* Runs that meet (fault 20): schedules of a real server, and runs by hand beside them. */

const orders = ['first_first', 'last_first'] as const;
const ids = [...['together', 'triggered', 'joins', 'labelled', 'met', 'before', 'landed', 'past'], ...orders];

/** A moment that has not come when its schedules are there, in whole seconds: they know no others. */
const soon = (): Date => new Date((Math.ceil(Date.now() / 1000) + 10) * 1000);
const daily = { calendars: [{ hour: 2, minute: 30 }] };
const never = { spec: daily, paused: true };

/** 02:30 some days ago. */
function night(daysAgo: number): Date {
  const at = new Date();
  at.setUTCDate(at.getUTCDate() - daysAgo);
  at.setUTCHours(2, 30, 0, 0);
  return at;
}

const asked = (forecastId: string) => ({ forecastId, timePeriod });

describe('runs of one account that meet', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      forecasts: ids.map(smallForecast),
      concurrentLimit: 100,
      // The end of a job is what a test says.
      pollsUntilDone: 1_000_000,
    });
  });
  afterAll(() => world.close());

  const finish = (jobId: string): unknown => world.clari.jobs.update(jobId, { state: 'done' });
  const landed = (forecastId: string): Promise<unknown[][]> =>
    world.rows(
      `SELECT job_id, epoch_ms(scheduled_at)::DOUBLE FROM exports WHERE forecast_id = '${forecastId}' ORDER BY captured_at`,
    );
  const latest = (forecastId: string): Promise<unknown[][]> =>
    world.rows(`SELECT job_id FROM latest_exports WHERE forecast_id = '${forecastId}'`);
  const entriesOf = (forecastId: string): Promise<unknown[][]> =>
    world.rows(
      `SELECT count(*)::INT FROM forecast_entries WHERE export_id IN (SELECT export_id FROM exports WHERE forecast_id = '${forecastId}')`,
    );
  const entries = (jobId: string): number => world.clari.expected(jobId).counts.entries;

  test.concurrent('fault 20: two schedules that fire at the same time make one job and one snapshot', async () => {
    const at = soon();
    const schedules = await Promise.all(
      ['SKIP', 'BUFFER_ONE'].map((overlap) =>
        createSchedule(world, asked('together'), { spec: secondOf(at), overlap: overlap as 'SKIP' }),
      ),
    );
    const runs = await Promise.all(schedules.map((schedule) => nthRun(world, schedule, 1)));
    const [jobId = '', other] = await Promise.all(runs.map(jobOf));
    expect(other).toBe(jobId);
    finish(jobId);
    const [first, second] = await Promise.all(runs.map((run) => run.result()));
    expect(second?.loadId).toBe(first?.loadId);
    expect(first?.scheduledAt).toBe(at.toISOString());
    expect(jobsOf(world, 'together')).toEqual([jobId]);
    expect(await landed('together')).toEqual([[jobId, at.getTime()]]);
    expect(await entriesOf('together')).toEqual([[entries(jobId)]]);
  });

  test.concurrent(
    'fault 20: a schedule that is triggered during its run exports twice, and loses neither',
    async () => {
      const schedule = await createSchedule(world, asked('triggered'), { ...never, overlap: 'ALLOW_ALL' });
      const nightly = await backfill(world, schedule, night(1));
      const first = await jobOf(nightly);
      await schedule.trigger('ALLOW_ALL');
      const triggered = await nthRun(world, schedule, 2);
      const second = await jobOf(triggered);
      // The later one ends first.
      finish(second);
      const { scheduledAt } = await triggered.result();
      expect(await latest('triggered')).toEqual([[second]]);
      finish(first);
      await nightly.result();
      expect(await landed('triggered')).toEqual([
        [first, night(1).getTime()],
        [second, Date.parse(scheduledAt ?? '')],
      ]);
      expect(await latest('triggered')).toEqual([[second]]);
      expect(jobsOf(world, 'triggered')).toEqual([first, second]);
    },
  );

  test.concurrent('fault 20: a run by hand during a scheduled one shares its job, and one copy lands', async () => {
    const nightly = await backfill(world, await createSchedule(world, asked('joins'), never), night(1));
    const jobId = await jobOf(nightly);
    const byHand = await start(world, asked('joins'));
    expect(await jobOf(byHand)).toBe(jobId);
    finish(jobId);
    const [one, other] = await Promise.all([nightly.result(), byHand.result()]);
    expect(other.loadId).toBe(one.loadId);
    expect(jobsOf(world, 'joins')).toEqual([jobId]);
    expect(await entriesOf('joins')).toEqual([[entries(jobId)]]);
  });

  test.concurrent('fault 20: what a schedule shares bears its time, whoever lands it', async () => {
    const nightly = await backfill(world, await createSchedule(world, asked('labelled'), never), night(1));
    const jobId = await jobOf(nightly);
    const byHand = await start(world, asked('labelled'));
    expect(await jobOf(byHand)).toBe(jobId);
    const activity = { namespace: 'default', execution: { workflowId: nightly.workflowId }, type: 'awaitExport' };
    await world.client.workflowService.pauseActivity(activity);
    finish(jobId);
    await byHand.result();
    await world.client.workflowService.unpauseActivity(activity);
    await nightly.result();
    expect(await landed('labelled')).toEqual([[jobId, night(1).getTime()]]);
  });

  test.concurrent('fault 20: a schedule that fires with a run by hand shares its job, whichever is first', async () => {
    const byHand = await start(world, asked('met'));
    const jobId = await jobOf(byHand);
    const schedule = await createSchedule(world, asked('met'), never);
    const nightly = await backfill(world, schedule, night(1));
    expect(await jobOf(nightly)).toBe(jobId);
    finish(jobId);
    const [one, other] = await Promise.all([byHand.result(), nightly.result()]);
    expect(other.loadId).toBe(one.loadId);
    expect(await landed('met')).toEqual([[jobId, night(1).getTime()]]);
    // And it is that of the schedule's time from now on.
    expect((await (await backfill(world, schedule, night(1))).result()).exportId).toBe(one.exportId);
    expect(jobsOf(world, 'met')).toEqual([jobId]);
  });

  test.concurrent('fault 20: a schedule shares no job that began before its time', async () => {
    const byHand = await start(world, asked('before'));
    const first = await jobOf(byHand);
    const at = soon();
    const nightly = await nthRun(world, await createSchedule(world, asked('before'), { spec: secondOf(at) }), 1);
    const second = await jobOf(nightly);
    finish(first);
    finish(second);
    await Promise.all([byHand.result(), nightly.result()]);
    expect(await landed('before')).toEqual([
      [first, null],
      [second, at.getTime()],
    ]);
    expect(await latest('before')).toEqual([[second]]);
  });

  test.concurrent('fault 20: a backfill over a day that has landed gets its job back, and one copy stays', async () => {
    const schedule = await createSchedule(world, asked('landed'), never);
    const nightly = await backfill(world, schedule, night(1));
    const jobId = await jobOf(nightly);
    finish(jobId);
    const first = await nightly.result();
    const again = await (await backfill(world, schedule, night(1))).result();
    expect([again.exportId, again.loadId]).toEqual([first.exportId, first.loadId]);
    expect(jobsOf(world, 'landed')).toEqual([jobId]);
    expect(postsOf(world, 'landed')).toBe(1);
    expect(await landed('landed')).toEqual([[jobId, night(1).getTime()]]);
    expect(await entriesOf('landed')).toEqual([[entries(jobId)]]);
  });

  test.concurrent('fault 20: a backfill of last week is captured now, and says of when it is', async () => {
    const before = new Date().toISOString();
    const run = await backfill(world, await createSchedule(world, asked('past'), never), night(7));
    finish(await jobOf(run));
    const { asOf, scheduledAt, capturedAt } = await run.result();
    expect([asOf, scheduledAt]).toEqual([night(7).toISOString(), night(7).toISOString()]);
    expect(capturedAt >= before).toBe(true);
    const times = await world.rows(
      `SELECT epoch_ms(scheduled_at)::DOUBLE, epoch_ms(captured_at)::DOUBLE FROM exports WHERE forecast_id = 'past'`,
    );
    expect(times).toEqual([[night(7).getTime(), Date.parse(capturedAt)]]);
  });

  test.concurrent.for(orders)(
    'fault 20: what two days leave behind does not depend on which lands first (%s)',
    async (forecastId) => {
      const schedule = await createSchedule(world, asked(forecastId), { ...never, overlap: 'ALLOW_ALL' });
      const one = await backfill(world, schedule, night(2));
      const first = await jobOf(one);
      const other = await backfill(world, schedule, night(1));
      const last = await jobOf(other);
      const byJob = [
        [one, first],
        [other, last],
      ] as const;
      for (const [run, jobId] of forecastId === 'first_first' ? byJob : byJob.toReversed()) {
        finish(jobId);
        await run.result();
      }
      expect(jobsOf(world, forecastId)).toEqual([first, last]);
      expect(await landed(forecastId)).toEqual([
        [first, night(2).getTime()],
        [last, night(1).getTime()],
      ]);
      expect(await latest(forecastId)).toEqual([[last]]);
      expect(await entriesOf(forecastId)).toEqual([[entries(first) + entries(last)]]);
    },
  );

  test.concurrent('twelve equal runs share a job, which stays as long as one wants it', async ({ onTestFinished }) => {
    const crowded = await startWorld({ forecasts: [smallForecast('twelve')], pollsUntilDone: 1_000_000 });
    onTestFinished(() => crowded.close());
    const runs = await Promise.all(Array.from({ length: 12 }, () => start(crowded, asked('twelve'))));
    const [jobId = '', ...others] = new Set(await Promise.all(runs.map(jobOf)));
    expect([others, jobsOf(crowded, 'twelve')]).toEqual([[], [jobId]]);
    // Should the ledger have forgotten one of them, it is that one.
    const ledger = crowded.client.workflow.getHandle(taskQueues(crowded.taskQueue).account('default'));
    const [entry] = (await ledger.query<AccountState>(ledgerQuery)).entries;
    const known = ({ workflowId }: ExportHandle): boolean =>
      entry?.requesters.some((requester) => requester.startsWith(`${workflowId}/`)) ?? false;
    const [kept, ...dropped] = runs.toSorted((one, other) => Number(known(one)) - Number(known(other)));
    await Promise.all(dropped.map((run) => run.cancel()));
    const endings = await Promise.all(dropped.map((run) => ending(crowded.client, run)));
    expect(endings).toEqual(dropped.map(() => 'CANCELLED'));
    expect(crowded.clari.jobs.unfinished().map((job) => job.jobId)).toContain(jobId);
    crowded.clari.jobs.update(jobId, { state: 'done' });
    expect((await kept?.result())?.jobId).toBe(jobId);
  });

  test.concurrent.for([1, 2])(
    'fault 20: schedules of different requests that fire together keep to a limit of %i job(s), and all land',
    async (concurrentLimit, { onTestFinished }) => {
      const forecastIds = Array.from({ length: 4 }, (_, number) => `at_once_${number}`);
      const narrow = await startWorld({
        forecasts: forecastIds.map(smallForecast),
        concurrentLimit,
        pollsUntilDone: 1,
      });
      onTestFinished(() => narrow.close());
      const schedules = await Promise.all(forecastIds.map((id) => createSchedule(narrow, asked(id), never)));
      const runs = await Promise.all(schedules.map((schedule) => backfill(narrow, schedule, night(1))));
      const receipts = await Promise.all(runs.map((run) => run.result()));
      // Clari refuses a job beyond its limit: none was asked for.
      const posts = narrow.clari.journal.entries.filter(({ method }) => method === 'POST');
      expect(posts.map(({ status }) => status)).toEqual(forecastIds.map(() => 200));
      expect(await narrow.rows('SELECT job_id FROM exports ORDER BY job_id')).toEqual(
        receipts.map(({ jobId }) => [jobId]).sort(),
      );
    },
  );
});
