import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDuckDbDestination } from '../../src/destinations/duckdb/duckdb-destination.js';
import type { LandedTable } from '../../src/destinations/port.js';
import { read, receiptFor, stagedTables, temporaryFolder, type ReceiptChanges, type Tables } from './loads.js';

describe('views', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'warehouse.duckdb');
  });

  afterEach(async () => {
    await folder.remove();
  });

  async function land(exportId: string, changes: ReceiptChanges, tables: Tables = {}): Promise<void> {
    const load = { exportId, loadId: `load of ${exportId}`, runId: 'run-1' };
    const destination = createDuckDbDestination({ path: file, memoryLimitMb: 128 });
    const session = await destination.prepare(load, new AbortController().signal);
    const landed: LandedTable[] = [];
    const entry = { user_id: exportId, field_id: 'f', time_period_id: '2027_Q2', time_frame_id: 'TF:1' };
    for (const table of await stagedTables(join(folder.path, exportId), { forecast_entries: [entry], ...tables })) {
      landed.push(await session.stage(table));
    }
    await session.publish(receiptFor(load, landed, changes));
  }

  const latest = async (): Promise<unknown[]> =>
    (await read(file, 'SELECT export_id FROM latest_exports ORDER BY 1')).map(([id]) => id);

  it('take the newest start of the job, not the last landing', async () => {
    await land('new', { capturedAt: '2026-05-05T05:00:00.000002Z', landedAt: '2026-05-05T06:00:00Z' });
    await land('old', { capturedAt: '2026-05-05T05:00:00.000001Z', landedAt: '2026-05-06T06:00:00Z' });
    expect(await latest()).toEqual(['new']);
    expect(await read(file, 'SELECT user_id FROM forecast_entries_latest')).toEqual([['new']]);
    expect(await read(file, 'SELECT count(*)::INTEGER FROM forecast_entries')).toEqual([[2]]);
  });

  it('compare instants, not their spelling', async () => {
    await land('a', { capturedAt: '2026-05-05T07:00:00+02:00' });
    await land('b', { capturedAt: '2026-05-05T05:30:00Z' });
    expect(await latest()).toEqual(['b']);
  });

  it('leave out incomplete snapshots', async () => {
    await land('whole', { capturedAt: '2026-05-05T05:00:00Z' });
    await land('cut', { capturedAt: '2026-05-06T05:00:00Z', complete: false });
    expect(await latest()).toEqual(['whole']);
  });

  it('decide between equal starts by the landing, then by the id', async () => {
    await land('b', { landedAt: '2026-05-05T06:00:00Z' });
    await land('a', { landedAt: '2026-05-05T07:00:00Z' });
    expect(await latest()).toEqual(['a']);
    await land('c', { landedAt: '2026-05-05T07:00:00Z' });
    expect(await latest()).toEqual(['c']);
  });

  it('keep one snapshot for each thing that was asked for', async () => {
    await land('base', {});
    await land('connection', { connection: 'other' });
    await land('forecast', { request: { forecastId: 'other' } });
    await land('period', { timePeriod: '2027_Q3' });
    await land('scope', { request: { scopeId: '1905::MGR' } });
    await land('types', { types: ['quota'] });
    await land('currency', { request: { currency: 'EUR' } });
    await land('history', { request: { includeHistorical: false } });
    expect(await latest()).toEqual([
      'base',
      'connection',
      'currency',
      'forecast',
      'history',
      'period',
      'scope',
      'types',
    ]);
    // What Clari takes for its current quarter is the quarter that the file names.
    await land('period again', {
      request: { timePeriod: null },
      timePeriod: '2027_Q3',
      capturedAt: '2026-06-01T00:00:00Z',
    });
    await land('newer', { capturedAt: '2026-06-01T00:00:00Z' });
    const now = await latest();
    expect(now).not.toContain('period');
    expect(now).not.toContain('base');
    expect(now).toHaveLength(8);
  });

  it('put names and dates beside the ids of the same export and repeat no entry', async () => {
    const entry = { user_id: 'u1', field_id: 'f', time_frame_id: 'TF:2026-10-28', forecast_value: '10' };
    const tables: Tables = {
      forecast_entries: [
        { ...entry, time_period_id: '2027_Q2' },
        { ...entry, time_period_id: '2027_Q3' },
        { ...entry, time_period_id: 'unknown', user_id: 'unknown', owner_name: 'Owner of a flat row' },
      ],
      forecast_users: [
        { user_id: 'u1', name: 'B', hierarchy_id: 'h2' },
        { user_id: 'u1', name: 'A', hierarchy_id: 'h1' },
      ],
      forecast_fields: [
        { field_id: 'f', field_name: 'Commit' },
        { field_id: 'f', field_name: 'Commit' },
      ],
      forecast_time_periods: [
        { time_period_id: '2027_Q2', label: 'Q2', start_date: '2026-08-01', end_date: '2026-10-31' },
        { time_period_id: '2027_Q3', label: 'Q3', start_date: '2026-11-01', end_date: '2027-01-31' },
      ],
      forecast_time_frames: [
        { time_frame_id: 'TF:2026-10-28', start_date: '2026-11-01', end_date: '2026-11-03' },
        { time_frame_id: 'TF:2026-10-28', start_date: '2026-10-28', end_date: '2026-10-31' },
      ],
    };
    await land(
      'older',
      { capturedAt: '2026-01-01T00:00:00Z' },
      { ...tables, forecast_users: [{ user_id: 'u1', name: 'Z' }] },
    );
    await land('newer', {}, tables);
    expect(
      await read(
        file,
        `SELECT export_id, time_period_label, week_start, week_end, user_name, hierarchy_id, field_name, forecast_value
         FROM forecast_values_latest ORDER BY time_period_id`,
      ),
    ).toEqual([
      ['newer', 'Q2', '2026-10-28', '2026-10-31', 'A', 'h1', 'Commit', '10.000000000'],
      ['newer', 'Q3', '2026-11-01', '2026-11-03', 'A', 'h1', 'Commit', '10.000000000'],
      ['newer', null, null, null, 'Owner of a flat row', null, 'Commit', '10.000000000'],
    ]);
    expect(
      await read(file, `SELECT export_id, user_name, count(*)::INTEGER FROM forecast_values GROUP BY ALL ORDER BY ALL`),
    ).toEqual([
      ['newer', 'A', 2],
      ['newer', 'Owner of a flat row', 1],
      ['older', 'Owner of a flat row', 1],
      ['older', 'Z', 2],
    ]);
  });

  it('lose no complete snapshot to what Clari truncated of the same export', async () => {
    await land('whole', {});
    await expect(land('whole', { complete: false })).rejects.toMatchObject({ type: 'ExportTruncated' });
    expect(await latest()).toEqual(['whole']);
    await land('cut', { complete: false });
    await land('cut', {});
    expect(await read(file, 'SELECT export_id FROM exports WHERE complete ORDER BY 1')).toEqual([['cut'], ['whole']]);
  });

  it('take no part of a split export for an export, nor for the whole', async () => {
    const part = {
      type: 'quota' as const,
      jobId: 'job of a part',
      capturedAt: '2026-05-04T05:00:01Z',
      complete: true,
      rows: 1,
    };
    await land('split', { parts: [{ ...part, sha256: 'aa' }] });
    for (const exportId of ['split', 'another'])
      await expect(land(exportId, { jobId: part.jobId })).rejects.toMatchObject({ type: 'LoadSuperseded' });
    expect(await latest()).toEqual(['split']);
  });
});
