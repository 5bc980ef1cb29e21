import type { Receipt } from '../../src/model/receipt.js';
import { differences, together } from './amounts.js';
import type { Evidence, Violation } from './evidence.js';

/** What has landed are Clari's own amounts: receipt and rows agree also where both are of something else. */
export function checkAmounts({ warehouse, clari }: Evidence): Violation[] {
  return warehouse.exports.flatMap(({ exportId, jobId, receipt }): Violation[] => {
    const parts = (JSON.parse(receipt) as Receipt).parts ?? [{ jobId }];
    const known = parts.filter((part) => clari.jobs.some((job) => job.jobId === part.jobId));
    const clarisOwn = together(known.map((part) => clari.fileOf(part.jobId).amounts()));
    const places = differences(clarisOwn, warehouse.amounts.get(exportId) ?? new Map());
    if (places.length === 0) return [];
    const what = `${places.length} sums differ, the first is ${places[0] ?? ''}`;
    return [{ rule: 'what landed are Clari’s amounts', what, lookAt: [`export ${exportId}`, `job ${jobId}`] }];
  });
}
