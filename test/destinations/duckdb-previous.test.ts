import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDuckDbDestination } from '../../src/destinations/duckdb/duckdb-destination.js';
import type { Snapshot } from '../../src/destinations/port.js';
import { receiptFor, sql, stagedTables, temporaryFolder, type ReceiptChanges, type Row } from './loads.js';

describe('the snapshot before an export', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'warehouse.duckdb');
  });

  afterEach(() => folder.remove());

  /** Lands an export, and gives what there was before it. */
  async function land(
    exportId: string,
    changes: ReceiptChanges = {},
    entries: readonly Row[] = [],
  ): Promise<Snapshot | undefined> {
    const load = { exportId, loadId: `load of ${exportId}`, runId: 'run-1' };
    const destination = createDuckDbDestination({ path: file, memoryLimitMb: 128 });
    const session = await destination.prepare(load, new AbortController().signal);
    const [table] = await stagedTables(join(folder.path, exportId), { forecast_entries: entries });
    if (table === undefined) throw new Error('no entries');
    const receipt = receiptFor(load, [await session.stage(table)], changes);
    const previous = await session.previous(receipt);
    await session.publish(receipt);
    return previous;
  }

  const on = (day: number): ReceiptChanges => ({ capturedAt: `2026-05-0${day}T05:00:00Z` });
  const idOf = (previous: Snapshot | undefined): string | undefined => previous?.receipt.exportId;

  it('is none for the first one', async () => {
    expect(await land('first')).toBeUndefined();
  });

  it('is the newest by the start of the job that began no later', async () => {
    await land('third', on(3));
    await land('second', on(2));
    await land('fifth', on(5));
    expect(idOf(await land('fourth', on(4)))).toBe('third');
  });

  it('is a complete one', async () => {
    await land('whole', on(1));
    await land('cut', { ...on(2), complete: false });
    expect(idOf(await land('next', on(3)))).toBe('whole');
  });

  it('is looked for where the export itself has landed as incomplete, and not where it has landed whole', async () => {
    await land('before', on(1));
    expect(await land('own', { ...on(2), complete: false })).toBeDefined();
    expect(idOf(await land('own', on(2)))).toBe('before');
    expect(await land('own', on(2))).toBeUndefined();
  });

  it('is of the same thing in every respect', async () => {
    await land('mine', on(1));
    const others: readonly ReceiptChanges[] = [
      { connection: 'other' },
      { request: { forecastId: 'other' } },
      { timePeriod: '2027_Q3' },
      { request: { scopeId: '1905::MGR' } },
      { types: ['forecast'] },
      { request: { currency: 'EUR' } },
      { request: { includeHistorical: false } },
    ];
    for (const [index, other] of others.entries()) {
      expect(await land(`other ${index}`, { ...on(2), ...other }), JSON.stringify(other)).toBeUndefined();
    }
    expect(idOf(await land('again', { ...on(3), request: { scopeId: '1905::MGR' } }))).toBe('other 3');
    expect(idOf(await land('mine again', on(4)))).toBe('mine');
  });

  it('is of any time period where the export names none', async () => {
    await land('named', on(1));
    expect(idOf(await land('unnamed', { ...on(2), timePeriod: null }))).toBe('named');
  });

  it('is none for an export that has landed before', async () => {
    await land('before', on(1));
    await land('again', on(2));
    expect(await land('again', on(2))).toBeUndefined();
  });

  it('is told with its amounts, without their signs, unless they can not be summed exactly', async () => {
    await land('before', on(1), [
      { forecast_value: '-10.25', quota_value: '1000000000000000000' },
      { forecast_value: '4.000000001', quota_value: '1' },
      { adjustment_value: '999999999999999999.999999999' },
    ]);
    const previous = await land('next', on(2));
    expect(previous?.measures).toMatchObject({
      forecast_value: { values: 2, total: '14.250000001' },
      quota_value: { values: 2, total: null },
      adjustment_value: { values: 1, total: '999999999999999999.999999999' },
      crm_total: { values: 0, total: '0.000000000' },
    });
  });

  it('is told without amounts where an earlier version landed it', async () => {
    await land('before', on(1));
    await sql(['DROP VIEW forecast_values_latest', 'ALTER TABLE exports DROP COLUMN measures'], file);
    expect(await land('next', on(2))).toMatchObject({ receipt: { exportId: 'before' }, measures: null });
  });
});
