import type { LandedTable, LoadIdentity } from '../destinations/port.js';
import type { Receipt } from '../model/receipt.js';
import { exportTypes } from '../model/request.js';
import type { StoreExportInput } from '../model/steps.js';
import { remarks, unproven } from './asked-and-came.js';
import type { Connection } from './dependencies.js';

/** The receipt of an export whose tables are landed and not yet published. */
export function receiptOf(
  connection: Connection,
  input: StoreExportInput,
  load: LoadIdentity,
  landed: readonly LandedTable[],
): Receipt {
  const { request, job, redacted, download } = input;
  const tables = redacted.tables.map(({ table, read, rejected, duplicates, rows, checksum }) => ({
    table,
    read,
    rejected,
    duplicates,
    staged: rows,
    landed: landed.find((one) => one.table === table)?.rows ?? 0,
    checksum,
  }));
  return {
    receiptVersion: 1,
    ...load,
    jobId: job.jobId,
    connection: connection.name,
    account: connection.account,
    environment: connection.environment,
    request,
    timePeriod: request.timePeriod ?? onlyOne(redacted.timePeriods),
    types: [...(request.typesToExport ?? exportTypes)].sort(),
    asOf: input.export.asOf,
    scheduledAt: input.scheduledAt,
    capturedAt: job.capturedAt,
    landedAt: new Date().toISOString(),
    destination: connection.destination.label,
    configDigest: connection.configDigest,
    policy: redacted.policy,
    key: redacted.key,
    raw: { bytes: download.file.bytes, sha256: download.file.sha256 },
    tables,
    droppedFields: redacted.droppedFields,
    unproven: unproven(input),
    complete: !job.truncated,
    accepted: null,
    warnings: [...connection.policyRemarks, ...input.warnings, ...remarks(input)],
  };
}

const onlyOne = (values: readonly string[]): string | null => (values.length === 1 ? (values[0] ?? null) : null);
