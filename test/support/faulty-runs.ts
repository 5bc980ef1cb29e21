import { expect } from 'vitest';
import { forEveryActivity } from '../../src/model/activity-limits.js';
import type { Receipt } from '../../src/model/receipt.js';
import { exportTypes } from '../../src/model/request.js';
import type { FaultRule, JournalEntry } from '../../src/testing/fake-clari/index.js';
import { textsOf } from '../../src/leak-scan/texts.js';
import { start, type ExportHandle } from './runs.js';
import type { World } from './world.js';

export const timePeriod = '2027_Q2';

/** Attempts that follow each other as fast as Temporal lets them, where no failure names a wait of its own. */
export const quickRetries = forEveryActivity({ retryInitial: 1, retryMaximum: 1 });

/** A forecast of some hundred kilobytes at most. */
export const smallForecast = (forecastId: string) =>
  ({ forecastId, forecastName: forecastId, entries: 200, shape: 'five-lists' }) as const;

/** Clari is not done with a job, as often as a test lets anybody ask, until the rules are cleared. */
export const unfinished: FaultRule = {
  match: { endpoint: 'jobStatus' },
  fault: { kind: 'states', words: Array.from({ length: 100 }, () => 'STARTED') },
};

/** Starts an export of a forecast to which the rules, and nobody else's, apply. */
export function startFaulty(world: World, forecastId: string, rules: readonly FaultRule[]): Promise<ExportHandle> {
  world.clari.faults.add(...rules.map((rule): FaultRule => ({ ...rule, match: { ...rule.match, forecastId } })));
  return start(world, { forecastId, timePeriod }, forecastId);
}

/** Length of the file that an export of the forecast gives. */
export const sizeOfFile = (world: World, forecastId: string): number =>
  world.clari.expectedFor(forecastId, {
    timePeriod,
    typesToExport: exportTypes,
    currency: null,
    includeHistorical: true,
  }).bytes;

export const jobsOf = ({ clari }: World, forecastId: string): readonly string[] =>
  clari.jobs.all().flatMap(({ jobId, request }) => (request.forecastId === forecastId ? [jobId] : []));

/** Requests for a job that came, whatever became of them. */
export const postsOf = ({ clari }: World, forecastId: string): number =>
  clari.journal.entries.filter(({ method, path }) => method === 'POST' && path.endsWith(`/${forecastId}`)).length;

/** Requests for the file of a job, in their order. */
export const fetchesOf = ({ clari }: World, jobId: string): readonly JournalEntry[] =>
  clari.journal.entries.filter(
    (entry) => entry.jobId === jobId && (entry.endpoint === 'results' || entry.endpoint === 'link'),
  );

/** How often each fault has struck a forecast's requests. */
export function struckBy({ clari }: World, forecastId: string): Readonly<Record<string, number>> {
  const own = clari.faults.rules().filter(({ rule }) => rule.match.forecastId === forecastId);
  const counts: Record<string, number> = {};
  for (const { rule, struck } of own) counts[rule.fault.kind] = (counts[rule.fault.kind] ?? 0) + struck;
  return counts;
}

/** One job and one snapshot of it, with the rows and the very bytes of Clari's file; where that came zipped, its content. */
export async function expectWhole(world: World, receipt: Receipt, { zipped = false } = {}): Promise<void> {
  const { forecastId } = receipt.request;
  expect(jobsOf(world, forecastId)).toEqual([receipt.jobId]);
  const expected = world.clari.expected(receipt.jobId);
  if (zipped) {
    expect(receipt.raw.bytes).toBeLessThan(expected.bytes / 2);
    // The plain file has the same content: it is the very load that was landed before.
    expect((await world.export({ forecastId, timePeriod, jobId: receipt.jobId })).loadId).toBe(receipt.loadId);
    expect(fetchesOf(world, receipt.jobId).at(-1)).toMatchObject({ status: 200, bytesSent: expected.bytes });
  } else expect(receipt.raw).toEqual({ bytes: expected.bytes, sha256: expected.sha256() });
  expect(receipt.complete).toBe(true);
  const rows = `SELECT count(*)::INT, count(DISTINCT export_id)::INT FROM forecast_entries WHERE export_id IN (
    SELECT export_id FROM exports WHERE forecast_id = '${forecastId}')`;
  expect(await world.rows(rows)).toEqual([[expected.counts.entries, 1]]);
}

/** No download link in a run's history nor in the worker's log. */
export async function expectNoLinks({ clari, logs }: World, run: ExportHandle): Promise<void> {
  const text = `${textsOf(await run.fetchHistory())}\n${logs.join('\n')}`;
  expect(text).toContain(run.workflowId);
  const secrets = clari.mintedLinks().map(({ url }) => new URL(url).searchParams.get('signature') ?? url);
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(clari.journal.apikeyReachedLinkHost()).toBe(false);
}
