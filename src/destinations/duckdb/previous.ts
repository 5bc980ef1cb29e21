import type { Receipt } from '../../model/receipt.js';
import type { Measures, Snapshot } from '../port.js';
import type { Database } from './database.js';
import { readReceipt } from './landed.js';

/** The snapshot that `receipt` follows, from the rows of `exports` alone: no table is scanned. */
export async function findPrevious(database: Database, receipt: Receipt): Promise<Snapshot | undefined> {
  const { request, exportId, connection, types, timePeriod, capturedAt } = receipt;
  const { forecastId, includeHistorical, scopeId, currency } = request;
  const rows = await database.query(
    `SELECT export_id, load_id, receipt, measures FROM exports
     WHERE complete AND connection = $1 AND forecast_id = $2 AND types_to_export = $3
       AND include_historical = CAST($4 AS BOOLEAN)
       AND scope_id IS NOT DISTINCT FROM $5 AND currency IS NOT DISTINCT FROM $6
       AND ($7 = '' OR time_period IS NOT DISTINCT FROM $7)
       AND captured_at <= CAST($8 AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
       AND NOT EXISTS (SELECT 1 FROM exports AS own WHERE own.export_id = $9 AND own.complete)
     ORDER BY captured_at DESC, landed_at DESC, export_id DESC LIMIT 1`,
    [
      ...[connection, forecastId, types.join(','), String(includeHistorical)],
      ...[scopeId, currency, timePeriod ?? '', capturedAt, exportId],
    ],
  );
  const [row] = rows;
  if (!row) return undefined;
  const [previousId, loadId, text, measures] = row;
  return {
    receipt: readReceipt(database, { exportId: previousId ?? '', loadId: loadId ?? '' }, text ?? ''),
    // Written beside the receipt, by this package alone.
    measures: measures ? (JSON.parse(measures) as Measures) : null,
  };
}
