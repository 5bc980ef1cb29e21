import { setTimeout as sleep } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { findFiles } from '../../src/destinations/duckdb/files.js';
import { holdDatabase } from '../../src/destinations/duckdb/hold.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import type { Receipt } from '../../src/model/receipt.js';
import { reset } from '../support/runs.js';
import { createSchedule, secondOf } from '../support/schedules.js';
import type { Intervention } from './draw-export.js';
import type { Happening } from './plan.js';
import type { Site } from './site.js';
import { warehouseOf } from './warehouse.js';

const HOUR_MS = 60 * 60_000;
/** The server is never away for so long. */
const PATIENCE_MS = 120_000;

/** Makes happen what a plan says; resolves when it is over. */
export class Actors {
  /** What was done to which workflow, or at least tried. */
  readonly interventions: { readonly workflowId: string; readonly does: Intervention['does'] }[] = [];
  /** Backfills are for hours before this. */
  readonly #hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

  constructor(private readonly site: Site) {}

  async act(happening: Happening): Promise<void> {
    const { log, workers, lines, world } = this.site;
    switch (happening.what) {
      case 'export':
        return this.#export(happening);
      case 'backfill':
        return this.#backfill(happening);
      case 'reland':
        return this.#reland(happening);
      case 'kill':
        return workers[happening.worker].kill(happening);
      case 'term':
        return workers[happening.worker].term(happening.downMs);
      case 'pause':
        return workers[happening.worker].pause(happening.forMs);
      case 'line':
        log.count('cuts');
        log.note('line', { line: happening.line, is: happening.is, forMs: happening.forMs });
        return lines[happening.line].disturb(happening.is, happening.forMs);
      case 'server':
        return this.#awayFor(happening.forMs);
      case 'hold':
        return this.#hold(happening.forMs);
      case 'rotate':
        return this.#rotate(happening.overlapMs);
      case 'rule':
        log.count('rules');
        log.note('rule', { rule: happening.rule });
        world.clari.faults.add(happening.rule);
    }
  }

  async #export({ name, request, runs, then }: Extract<Happening, { what: 'export' }>): Promise<void> {
    const ids = Array.from({ length: runs }, (_, run) => `${name}-${run + 1}`);
    await Promise.all(ids.map((workflowId) => this.#start(workflowId, request)));
    const [first] = ids;
    if (!then || first === undefined) return;
    await sleep(then.afterMs);
    this.interventions.push({ workflowId: first, does: then.does });
    await this.#intervene(first, then.does);
  }

  async #start(workflowId: string, request: Partial<ExportForecastRequest>): Promise<void> {
    const { world, log } = this.site;
    const { client, taskQueue } = world;
    const started = await persist(() =>
      client.workflow.start('exportForecast', {
        taskQueue,
        workflowId,
        args: [request],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
    );
    log.note('export', { workflowId, request, started });
  }

  async #intervene(workflowId: string, does: Intervention['does']): Promise<void> {
    const { client } = this.site.world;
    const handle = client.workflow.getHandle(workflowId);
    const steps: Record<Intervention['does'], () => Promise<unknown>> = {
      cancel: () => handle.cancel(),
      terminate: () => handle.terminate('chaos'),
      // Once more after an answer that was lost would reset the run that came of it, which does no harm.
      reset: () => this.#reset(workflowId),
    };
    this.site.log.note(does, { workflowId, done: await persist(steps[does]) });
  }

  /** As soon as there is something to be reset to. */
  async #reset(workflowId: string): Promise<void> {
    const { client } = this.site.world;
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    if (!events?.some((event) => event.workflowTaskCompletedEventAttributes)) throw new Error('it has not begun');
    await reset(client, workflowId);
  }

  async #backfill({ name, request, hoursAgo }: Extract<Happening, { what: 'backfill' }>): Promise<void> {
    const { world, log } = this.site;
    const at = this.#hour - hoursAgo * HOUR_MS;
    const made = await persistFor(() => createSchedule(world, request, { spec: secondOf(new Date(at)), paused: true }));
    if (!made) return;
    const [start, end] = [new Date(at - 1_000), new Date(at + 1_000)];
    const done = await persist(() => made.backfill({ start, end, overlap: 'ALLOW_ALL' }));
    log.note('backfill', { name, scheduleId: made.scheduleId, request, scheduled: new Date(at).toISOString(), done });
  }

  async #reland({ name, pick }: Extract<Happening, { what: 'reland' }>): Promise<void> {
    const { client } = this.site.world;
    const query = "WorkflowType = 'exportForecast' AND ExecutionStatus = 'Completed'";
    const receipt = await persistFor(async () => {
      const ids: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
      const workflowId = ids.sort()[pick % ids.length];
      return workflowId === undefined ? undefined : ((await client.workflow.getHandle(workflowId).result()) as Receipt);
    });
    if (!receipt) return;
    // Whoever lands a split export again lands its parts.
    await this.#start(name, { ...receipt.request, fresh: false, jobId: receipt.jobId });
  }

  async #awayFor(forMs: number): Promise<void> {
    const { log } = this.site;
    log.count('serverStops');
    log.note('server stops', { forMs });
    await this.site.stopServer();
    await sleep(forMs);
    await this.site.startServer();
    log.note('server is back');
  }

  async #hold(forMs: number): Promise<void> {
    const { world, log } = this.site;
    const files = await findFiles(warehouseOf(world));
    const release = files && (await holdDatabase(files, { waitMs: 10_000 }).catch(() => undefined));
    if (!release) return;
    log.count('holds');
    log.note('destination held', { forMs });
    await sleep(forMs);
    release();
  }

  async #rotate(overlapMs: number): Promise<void> {
    const { log } = this.site;
    log.count('rotations');
    log.note('token rotated', { overlapMs });
    const revoke = await this.site.rotate();
    await sleep(overlapMs);
    revoke();
  }
}

/** Tries until the server has done it; false where there is nothing to do any more. */
async function persist(step: () => Promise<unknown>): Promise<boolean> {
  return (await persistFor(() => step().then(() => true))) ?? false;
}

async function persistFor<T>(step: () => Promise<T>): Promise<T | undefined> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (settled.some((kind) => error instanceof kind) || isSettledByServer(error)) return undefined;
      if (performance.now() > end) throw error;
    }
    await sleep(500);
  }
}

const settled = [ScheduleAlreadyRunning, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError];
/** gRPC: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION. A run that is too young or over can't be reset. */
const definite = [3, 5, 6, 9];
const isSettledByServer = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && definite.includes(Number(error.code));
