import type { LandedTable, LoadIdentity } from '../destinations/port.js';
import type { Receipt } from '../model/receipt.js';
import { typesAsked } from '../model/request.js';
import type { StoreExportInput } from '../model/steps.js';
import { remarks, unproven } from './asked-and-came.js';
import type { Connection } from './dependencies.js';
import { partsOf, rawOf, remarksOnParts } from './receipt-of-parts.js';

/** The receipt of an export whose tables are landed and not yet published. */
export function receiptOf(
  connection: Connection,
  input: StoreExportInput,
  load: LoadIdentity,
  landed: readonly LandedTable[],
): Receipt {
  const { request, job, redacted } = input;
  const tables = redacted.tables.map(({ table, read, rejected, duplicates, split, rows, checksum }) => ({
    table,
    read,
    rejected,
    duplicates,
    ...(split ? { joined: split.joined } : {}),
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
    types: [...typesAsked(request)].sort(),
    asOf: input.export.asOf,
    scheduledAt: input.scheduledAt,
    capturedAt: job.capturedAt,
    landedAt: new Date().toISOString(),
    destination: connection.destination.label,
    configDigest: connection.configDigest,
    policy: redacted.policy,
    key: redacted.key,
    raw: rawOf(input),
    ...partsOf(input),
    tables,
    droppedFields: redacted.droppedFields,
    unproven: unproven(input),
    complete: !job.truncated,
    accepted: null,
    warnings: [...connection.policyRemarks, ...input.warnings, ...remarksOnParts(input), ...remarks(input)],
  };
}

const onlyOne = (values: readonly string[]): string | null => (values.length === 1 ? (values[0] ?? null) : null);
