import { defineSearchAttributeKey } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import type { ExportForecastRequest, ExportType } from '../model/request.js';
import type { ResolvedConnection, StartedExport } from '../model/steps.js';
import { Hold } from './hold.js';
import type { Progress } from './progress.js';
import { StagingWorker } from './staging-worker.js';

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/** So much before a run's deadline its waits end at the latest, so that the run says what it waited for. */
const BEFORE_DEADLINE_MS = 60_000;

/** One run's fixed facts. */
export interface Run {
  readonly request: ExportForecastRequest;
  readonly connection: ResolvedConnection;
  readonly context: { readonly connection: string; readonly configDigest: string };
  readonly requester: string;
  readonly runKey: string;
  readonly scheduledAt: string | null;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
  readonly progress: Progress;
  readonly worker: StagingWorker;
  readonly hold: Hold;
  /** The export and its job, once there is one. */
  started: Started | null;
  /** Types that may have jobs of their own under way. */
  parts: readonly ExportType[];
  /** Whether an attempt may be under way that lands the export. */
  landing: boolean;
}

export type Started = Extract<StartedExport, { outcome: 'started' }>;

export function prepareRun(request: ExportForecastRequest, connection: ResolvedConnection, progress: Progress): Run {
  const { workflowId, runId, firstExecutionRunId, typedSearchAttributes } = workflowInfo();
  return {
    request,
    connection,
    context: { connection: connection.connection, configDigest: connection.configDigest },
    requester: `${workflowId}/${firstExecutionRunId}`,
    runKey: runId,
    scheduledAt: typedSearchAttributes.get(scheduledStart)?.toISOString() ?? null,
    deadlineAt: Date.now() + connection.deadline * 1000,
    progress,
    worker: new StagingWorker(connection),
    hold: new Hold(progress),
    started: null,
    parts: [],
    landing: false,
  };
}

/** Milliseconds that a wait of the run may take, `wantedMs` at most; 0 close to its deadline. */
export function waitOf({ deadlineAt }: Run, wantedMs: number): number {
  return Math.max(0, Math.min(wantedMs, deadlineAt - BEFORE_DEADLINE_MS - Date.now()));
}
