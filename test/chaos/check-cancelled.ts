import { runOf } from '../../src/model/split.js';
import type { Evidence, Violation } from './evidence.js';

/** So a run ends that has cleaned up behind itself; a terminated one could not. */
const cleanedUp = ['CANCELLED', 'FAILED'];

/** What a reader sees of an export for which only runs asked that landed nothing was published before the last of them ended. */
export function checkCancelled({ ledger, runs, warehouse }: Evidence): Violation[] {
  return warehouse.exports.flatMap(({ exportId, publishedAt }): Violation[] => {
    const entry = ledger.entries.find((one) => one.exportId === exportId);
    const asked = new Set(entry?.requesters.map((requester) => runOf(requester).workflowId));
    const its = runs.filter((run) => asked.has(run.workflowId) || run.receipt?.exportId === exportId);
    if (its.length === 0 || its.some(({ status }) => !cleanedUp.includes(status))) return [];
    const end = Math.max(...its.map(({ closedAt }) => closedAt ?? Infinity));
    if (publishedAt <= end) return [];
    const lookAt = [`export ${exportId}`, ...its.map(({ workflowId, runId }) => `run ${runId} of ${workflowId}`)];
    return [
      { rule: 'a run that has ended publishes nothing afterwards', what: `${publishedAt - end} ms later`, lookAt },
    ];
  });
}
