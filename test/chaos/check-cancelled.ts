import { runOf } from '../../src/model/split.js';
import type { Evidence, Violation } from './evidence.js';

/** What a reader sees of an export for which only cancelled runs asked was committed before the last of them ended. */
export function checkCancelled({ ledger, runs, warehouse }: Evidence): Violation[] {
  return warehouse.exports.flatMap(({ exportId, publishedAt }): Violation[] => {
    const entry = ledger.entries.find((one) => one.exportId === exportId);
    const asked = new Set(entry?.requesters.map((requester) => runOf(requester).workflowId));
    const its = runs.filter((run) => asked.has(run.workflowId) || run.receipt?.exportId === exportId);
    if (its.length === 0 || its.some(({ status }) => status !== 'CANCELLED')) return [];
    const end = Math.max(...its.map(({ closedAt }) => closedAt ?? Infinity));
    if (publishedAt <= end) return [];
    const lookAt = [`export ${exportId}`, ...its.map(({ workflowId, runId }) => `run ${runId} of ${workflowId}`)];
    return [{ rule: 'a cancelled run publishes nothing afterwards', what: `${publishedAt - end} ms later`, lookAt }];
  });
}
