import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import { failureOf } from '../../support/runs.js';
import {
  expectWhole,
  fetchesOf,
  jobsOf,
  quickRetries,
  sizeOfFile,
  startFaulty,
  struckBy,
} from '../../support/faulty-runs.js';
import { share } from '../../support/share.js';
import { startWorld, type World } from '../../support/world.js';

/*
 * Bodies that come wrong (faults 6 to 8): each row goes through the real worker, and ends with the very bytes of Clari's file.
 */

/** What a fake's response may have sent before it noticed that nobody reads any more. */
const SLACK = 128 * 1024;

interface Row {
  readonly title: string;
  readonly rules: (size: number) => readonly FaultRule[];
  /** Requests for the file that it takes. */
  readonly fetches: number;
  /** Fetched again: nothing, or all from the first byte. Not looked at where it is left out. */
  readonly again?: 'nothing' | 'all';
  readonly zipped?: true;
}

type Fault = FaultRule['fault'];
/** Strikes a request for the whole file; `times` counts such requests. */
const whole = (fault: Fault, times: FaultRule['times'] = 1): FaultRule => ({
  match: { endpoint: 'results', range: false },
  times,
  fault,
});
const any = (fault: Fault, times: FaultRule['times'] = 1): FaultRule => ({
  match: { endpoint: 'results' },
  times,
  fault,
});
const half = (size: number): number => Math.floor(size / 2);
const halfway = (size: number): FaultRule => whole({ kind: 'cut', afterBytes: half(size) });
const zip = (flaw: 'none' | 'no-trailer' | 'wrong-crc' = 'none'): Fault => ({ kind: 'gzip', flaw, unasked: true });

const rows: readonly Row[] = [
  {
    title: 'fault 6: a body that drips for longer than the idle timeout is waited for',
    rules: (size) => [any({ kind: 'drip', bytes: 1, everyMs: 1000, afterBytes: size - 9 })],
    fetches: 1,
    again: 'nothing',
  },
  {
    title: 'fault 6: a request that nobody answers is made again',
    rules: () => [any({ kind: 'lose-answer', how: 'hold' })],
    fetches: 2,
  },
  {
    title: 'fault 6: a body that stalls after its headers is asked for again',
    rules: () => [any({ kind: 'stall', afterBytes: 0 })],
    fetches: 2,
    again: 'nothing',
  },
  {
    title: 'fault 6: a body that stalls half-way goes on from there',
    rules: (size) => [any({ kind: 'stall', afterBytes: half(size) })],
    fetches: 2,
    again: 'nothing',
  },
  {
    title: 'fault 7: a truncated body goes on from where it was cut',
    rules: (size) => [halfway(size)],
    fetches: 2,
    again: 'nothing',
  },
  {
    title: 'fault 7: a body that is cut seven times goes on in the next attempt',
    rules: (size) => [any({ kind: 'cut', afterBytes: Math.floor(size / 8) }, 7)],
    fetches: 8,
    again: 'nothing',
  },
  {
    title: 'fault 7: a body that is reset half-way is brought to its end',
    rules: (size) => [any({ kind: 'reset', afterBytes: half(size) })],
    fetches: 2,
  },
  {
    title: 'fault 7: a Content-Length that is too large is not waited for, and the file is not taken for whole',
    rules: () => [any({ kind: 'wrong-length', by: 1000 })],
    fetches: 3,
  },
  {
    title: 'fault 7: a Content-Length that is too small shortens the file, which is found and fetched once more',
    rules: () => [any({ kind: 'wrong-length', by: -1000 })],
    fetches: 2,
  },
  {
    title: 'fault 7: a body that ends early with a length that agrees is found and fetched once more',
    rules: (size) => [any({ kind: 'shorten', afterBytes: half(size) })],
    fetches: 2,
  },
  {
    title: 'fault 7: an empty body with a length that agrees is found and fetched once more',
    rules: () => [any({ kind: 'shorten', afterBytes: 0 })],
    fetches: 2,
  },
  {
    title: 'fault 7: a chunked body that ends early with its last chunk is found and fetched once more',
    rules: (size) => [any({ kind: 'chunked', terminated: true }), any({ kind: 'shorten', afterBytes: half(size) })],
    fetches: 2,
  },
  {
    title: 'fault 7: a chunked body that breaks off goes on from there',
    rules: (size) => [any({ kind: 'chunked' }), any({ kind: 'cut', afterBytes: half(size) })],
    fetches: 2,
    again: 'nothing',
  },
  {
    title: 'fault 8: a chunked body without an end is complete by the 416 at the exact end, with no byte fetched again',
    rules: () => [any({ kind: 'chunked' })],
    fetches: 2,
    again: 'nothing',
  },
  ...(['shifted-header', 'wrong-total', 'no-total', 'missing'] as const).map((variant): Row => ({
    title: `fault 8: a 206 with a wrong Content-Range (${variant}) is not used, and the file begins anew`,
    rules: (size) => [halfway(size), any({ kind: 'wrong-range', variant, by: 10 })],
    fetches: 3,
  })),
  {
    title: 'fault 8: a 206 with other bytes than it says makes a file that is not whole, which is fetched once more',
    rules: (size) => [halfway(size), any({ kind: 'wrong-range', variant: 'shifted-body', by: 10 })],
    fetches: 3,
  },
  {
    title: 'fault 8: a 200 to a Range request is taken as the whole file',
    rules: (size) => [halfway(size), any({ kind: 'ignore-range' })],
    fetches: 2,
    again: 'all',
  },
  {
    title: 'fault 8: a 416 in the middle begins anew',
    rules: (size) => [halfway(size), any({ kind: 'refuse-range' })],
    fetches: 3,
    again: 'all',
  },
  {
    title: 'fault 8: a 416 that tells no length begins anew',
    rules: (size) => [halfway(size), any({ kind: 'refuse-range', contentRange: false })],
    fetches: 3,
    again: 'all',
  },
  {
    title: 'fault 8: a strong ETag that has changed begins anew',
    rules: (size) => [halfway(size), { ...any({ kind: 'etag', variant: 'changed' }, 'always'), after: 1 }],
    fetches: 2,
    again: 'all',
  },
  {
    title: 'fault 8: an ETag that moves with each answer never joins two of them, and ends with a whole download',
    rules: (size) => [
      any({ kind: 'cut', afterBytes: half(size) }, 6),
      any({ kind: 'etag', variant: 'moving' }, 'always'),
    ],
    fetches: 7,
  },
  ...(['weak', 'none'] as const).map((variant): Row => ({
    title: `fault 8: with an ETag that proves nothing (${variant}) a broken download begins anew`,
    rules: (size) => [halfway(size), any({ kind: 'etag', variant }, 'always')],
    fetches: 2,
    again: 'all',
  })),
  {
    title: 'fault 8: a gzip body is kept as it was sent',
    rules: () => [any(zip())],
    fetches: 1,
    zipped: true,
  },
  {
    title: 'fault 8: a gzip body that breaks off is begun anew where its ranges are ignored',
    rules: () => [any(zip(), 2), whole({ kind: 'cut', afterBytes: 10_000 })],
    fetches: 2,
    zipped: true,
  },
  ...(['no-trailer', 'wrong-crc'] as const).map((flaw): Row => ({
    title: `fault 8: a gzip body that HTTP calls whole is checked by its trailer (${flaw}), and begun anew`,
    rules: () => [any(zip(flaw)), any(zip())],
    fetches: 2,
    zipped: true,
  })),
];

const idOf = (row: Row): string => `row_${rows.indexOf(row)}`;
const forecast = (forecastId: string) =>
  ({ forecastId, forecastName: forecastId, entries: 1500, shape: 'five-lists' }) as const;
const hopeless = ['shortened', 'cut_zip'] as const;

describe('a body that comes wrong', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      forecasts: [...rows.map((row) => forecast(idOf(row))), ...hopeless.map(forecast)],
      concurrentLimit: 100,
      pollsUntilDone: 0,
      settings: { idleTimeoutMs: 5_000, limits: quickRetries },
    });
  });
  afterAll(() => world.close());

  test.concurrent.for(share(rows))('$title', async (row) => {
    const forecastId = idOf(row);
    const size = sizeOfFile(world, forecastId);
    const run = await startFaulty(world, forecastId, row.rules(size));
    const receipt = await run.result();
    const fetches = fetchesOf(world, receipt.jobId);
    expect(fetches.map(({ range, status, bytesSent }) => ({ range, status, bytesSent }))).toHaveLength(row.fetches);
    await expectWhole(world, receipt, row);
    for (const count of Object.values(struckBy(world, forecastId))) expect(count).toBeGreaterThan(0);
    const sent = fetches.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    if (row.again === 'nothing') expect(sent).toBeLessThan(size + SLACK);
    if (row.again === 'all') expect(fetches.at(-1)?.bytesSent).toBe(size);
  });

  test.concurrent.for(hopeless)('fault 7, 8: a file that never comes whole (%s) lands nothing', async (forecastId) => {
    const fault: Fault = forecastId === 'shortened' ? { kind: 'shorten', afterBytes: 5000 } : zip('no-trailer');
    const failure = await failureOf((await startFaulty(world, forecastId, [any(fault, 'always')])).result());
    expect(failure.type).toBe('FileMalformed');
    const [jobId = '', ...others] = jobsOf(world, forecastId);
    expect(others).toEqual([]);
    // Two downloads; of gzip, whose damage shows at once, twice two requests.
    expect(fetchesOf(world, jobId)).toHaveLength(forecastId === 'shortened' ? 2 : 4);
    expect(await world.rows(`SELECT * FROM exports WHERE forecast_id = '${forecastId}'`)).toEqual([]);
  });
});
