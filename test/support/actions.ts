import { toPlain, type History } from './history-json.js';
import type { World } from './open-world.js';
import type { ExportHandle } from './runs.js';

/**
 * Actions that Temporal Cloud bills for one export, as far as histories tell: by
 * https://docs.temporal.io/evaluate/cloud/actions.
 *
 * Left out: heartbeats (`CallTally` counts them), queries, two more for a start by a schedule, and the account's ledger itself, which
 * starts once and continues as new after some hundred exports.
 */
export interface Actions {
  /** Of activities: each retry is one more. */
  readonly attempts: number;
  readonly timers: number;
  /** Workflow tasks with local activities, however many. */
  readonly localActivities: number;
  /** Of the account's ledger, by this export. */
  readonly updates: number;
  /** All of them, and the start. */
  readonly total: number;
}

/** Counts the Actions of a run that has ended, in its history and those of its account. */
export async function actionsOf(world: World, handle: ExportHandle): Promise<Actions> {
  const history = await handle.fetchHistory();
  expectKnownKinds(history);
  const events = history.events ?? [];
  const attempts = events.reduce((sum, event) => sum + (event.activityTaskStartedEventAttributes?.attempt ?? 0), 0);
  const timers = events.filter(({ timerStartedEventAttributes }) => timerStartedEventAttributes).length;
  const localActivities = new Set(
    events.flatMap(({ markerRecordedEventAttributes: marker }) =>
      marker ? [String(marker.workflowTaskCompletedEventId)] : [],
    ),
  ).size;
  const requester = `${handle.workflowId}/${handle.firstExecutionRunId}`;
  const updates = updatesOf(await accountEvents(world), requester);
  return { attempts, timers, localActivities, updates, total: 1 + attempts + timers + localActivities + updates };
}

const COUNTED = /^(WORKFLOW_EXECUTION_STARTED|ACTIVITY_TASK_STARTED|TIMER_STARTED|MARKER_RECORDED)$/;
const FREE =
  /^(WORKFLOW_TASK_\w+|ACTIVITY_TASK_\w+|TIMER_(FIRED|CANCELED)|WORKFLOW_EXECUTION_(COMPLETED|FAILED|CANCEL\w+))$/;

/** An event of a kind that exports did not have before may be billed: a count that passes over it would be wrong. */
function expectKnownKinds(history: History): void {
  const { events = [] } = toPlain(history) as { events?: { eventType: string }[] };
  const kinds = new Set(events.map(({ eventType }) => eventType.replace('EVENT_TYPE_', '')));
  const unknown = [...kinds].filter((kind) => !COUNTED.test(kind) && !FREE.test(kind));
  if (unknown.length > 0) throw new Error(`Say in actions.ts what ${unknown.join(', ')} cost.`);
}

type HistoryEvent = NonNullable<History['events']>[number];

/** Of all runs of the workflow that keeps the account’s ledger, oldest first: it continues as new. */
async function accountEvents({ client, taskQueue }: World): Promise<HistoryEvent[]> {
  const all: HistoryEvent[] = [];
  for (let runId: string | undefined, more = true; more; more = runId !== undefined) {
    const { events } = await client.workflow.getHandle(`${taskQueue}-account-default`, runId).fetchHistory();
    all.unshift(...(events ?? []));
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  return all;
}

/** What an update's argument or answer may name. */
interface Named {
  readonly requester?: string;
  readonly exportId?: string;
}

/** Updates that name the run, or nobody but the export that it was given. */
function updatesOf(events: readonly HistoryEvent[], requester: string): number {
  const exportIds = new Set<string>();
  const mine = new Set<string>();
  for (const event of events) {
    const request = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
    if (request?.input?.args?.payloads) {
      const asked = decoded(request.input.args.payloads);
      const byExport = !asked.requester && exportIds.has(asked.exportId ?? '');
      const mineOrParts = asked.requester?.split('#')[0] === requester;
      if (mineOrParts || byExport) mine.add(request.meta?.updateId ?? '');
    }
    const completed = event.workflowExecutionUpdateCompletedEventAttributes;
    const answer = completed?.outcome?.success?.payloads;
    // By the update's own id: the test server does not say which event accepted it.
    if (answer && mine.has(completed.meta?.updateId ?? '')) {
      const { exportId } = decoded(answer);
      if (exportId !== undefined) exportIds.add(exportId);
    }
  }
  return mine.size;
}

function decoded([payload]: readonly { data?: Uint8Array | null }[]): Named {
  const value: unknown = JSON.parse(Buffer.from(payload?.data ?? []).toString('utf8'));
  return typeof value === 'object' && value !== null ? value : {};
}
