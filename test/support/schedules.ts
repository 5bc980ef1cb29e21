import type { ScheduleHandle, ScheduleOverlapPolicy, ScheduleSpec } from '@temporalio/client';
import type { ExportForecastRequest } from '../../src/model/request.js';
import type { World } from './open-world.js';
import { until, type ExportHandle } from './runs.js';

interface ScheduleOptions {
  readonly spec: ScheduleSpec;
  /** Default `SKIP`, as Temporal's. */
  readonly overlap?: ScheduleOverlapPolicy;
  /** Default: it fires by itself. */
  readonly paused?: boolean;
}

/** A schedule of one request, with nothing left to defaults that differ between Temporal's clients. */
export function createSchedule(
  world: World,
  request: Partial<ExportForecastRequest>,
  { spec, overlap = 'SKIP', paused = false }: ScheduleOptions,
): Promise<ScheduleHandle> {
  const name = world.id(`schedule-${request.forecastId ?? ''}`);
  return world.client.schedule.create({
    scheduleId: name,
    spec,
    policies: { overlap, catchupWindow: '1 day' },
    state: { paused },
    action: {
      type: 'startWorkflow',
      workflowType: 'exportForecast',
      workflowId: name,
      taskQueue: world.taskQueue,
      args: [request],
    },
  });
}

/** The one second of a day, for a calendar. */
export function secondOf(at: Date): ScheduleSpec {
  const [year, month, dayOfMonth] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const [hour, minute, second] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  const months = [
    ...(['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY'] as const),
    ...(['AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'] as const),
  ];
  const name = months[month - 1];
  return { calendars: [{ year, dayOfMonth, hour, minute, second, ...(name ? { month: name } : {}) }] };
}

/** Fires for a time that is over, and resolves with the run that comes of it. */
export async function backfill(world: World, schedule: ScheduleHandle, at: Date): Promise<ExportHandle> {
  const before = (await startedBy(schedule)).length;
  const around = (ms: number): Date => new Date(at.getTime() + ms);
  await schedule.backfill({ start: around(-1_000), end: around(1_000), overlap: 'ALLOW_ALL' });
  return nthRun(world, schedule, before + 1);
}

/** The run that a schedule has started as its `n`th, counted from 1 and up to Temporal's ten. */
export async function nthRun({ client }: World, schedule: ScheduleHandle, n: number): Promise<ExportHandle> {
  const workflowId = await until(`run ${n} of ${schedule.scheduleId}`, async () => (await startedBy(schedule))[n - 1]);
  return client.workflow.getHandle(workflowId) as ExportHandle;
}

/** Workflow ids, the oldest first. */
async function startedBy(schedule: ScheduleHandle): Promise<string[]> {
  const { info } = await schedule.describe();
  return info.recentActions.map(({ action }) => action.workflow.workflowId);
}
