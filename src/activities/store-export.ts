import { createHash } from 'node:crypto';
import { crashPoint } from '../crash/crash-point.js';
import type { LandedTable, LoadIdentity, LoadSession, StagedTable } from '../destinations/port.js';
import { ExportError } from '../model/export-error.js';
import type { Receipt } from '../model/receipt.js';
import { exportTypes } from '../model/request.js';
import type { StoredExport, StoreExportInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import type { OpenedFile, RunStaging } from '../staging/port.js';
import { attempt, type Attempt } from './guarded.js';
import { stagingOf } from './staging-of.js';

/** Lands the redacted tables with the receipt in one atomic step; a load that was published before is not repeated. */
export function storeExport(dependencies: ActivityDependencies) {
  return (input: StoreExportInput): Promise<StoredExport> =>
    attempt((running) => {
      const connection = connectionOf(dependencies, input);
      checkPeriod(input);
      return dependencies.turnstiles.load.pass(running.signal, () => store(dependencies, connection, input, running));
    });
}

async function store(
  dependencies: ActivityDependencies,
  connection: Connection,
  input: StoreExportInput,
  { signal, progress }: Attempt,
): Promise<Receipt> {
  const { destination } = connection;
  const load = loadOf(input);
  const before = await destination.published(load);
  // A run by hand that shares a schedule's export may have landed it first: the snapshot bears the schedule's time all the same.
  if (before && (before.scheduledAt !== null || input.scheduledAt === null)) return before;
  const opened: OpenedFile[] = [];
  try {
    const tables = await openTables(stagingOf(dependencies, connection, input), input, opened);
    const session = await destination.prepare(load, signal);
    try {
      const landed = await stageAll(session, tables, (table, rows) => progress({ table, rows }));
      const receipt = receiptOf(connection, input, load, landed);
      crashPoint('before-publish');
      await session.publish(receipt);
      crashPoint('after-publish');
      return receipt;
    } finally {
      await session.close();
    }
  } finally {
    await Promise.all(opened.map((file) => file.close()));
  }
}

/** All are checked before the destination is asked for anything; what was opened is closed by whoever gave `opened`. */
async function openTables(
  staging: RunStaging,
  { redacted }: StoreExportInput,
  opened: OpenedFile[],
): Promise<StagedTable[]> {
  const tables: StagedTable[] = [];
  for (const { table, file, rows, checksum } of redacted.tables) {
    const plain = await staging.open(file);
    opened.push(plain);
    tables.push({ table, path: plain.path, rows, checksum });
  }
  return tables;
}

async function stageAll(
  session: LoadSession,
  tables: readonly StagedTable[],
  onLanded: (table: string, rows: number) => void,
): Promise<LandedTable[]> {
  const landed: LandedTable[] = [];
  for (const table of tables) {
    const one = await session.stage(table);
    landed.push(one);
    onLanded(one.table, one.rows);
    crashPoint('mid-staging');
  }
  return landed;
}

/** The same for every attempt at landing the same rows under the same policy; another policy is another load. */
function loadOf({ export: { exportId }, redacted }: StoreExportInput): LoadIdentity {
  const content = JSON.stringify([
    redacted.policy.digest,
    redacted.key?.check ?? null,
    redacted.tables.map(({ table, checksum }) => [table, checksum]),
  ]);
  return { exportId, loadId: `${exportId}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}` };
}

/** Clari falls back to its current quarter in silence when it does not like the one it was asked for. */
function checkPeriod({ request, redacted }: StoreExportInput): void {
  const { timePeriod } = request;
  const others = redacted.timePeriods.filter((period) => period !== timePeriod);
  if (timePeriod !== null && others.length > 0) {
    throw new ExportError(
      'WrongTimePeriod',
      `${timePeriod} was asked for, the file holds ${redacted.timePeriods.join(', ')}.`,
    );
  }
}

function receiptOf(
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
    warnings: [...input.warnings, ...findings(input)],
  };
}

const onlyOne = (values: readonly string[]): string | null => (values.length === 1 ? (values[0] ?? null) : null);

/** What Clari gives no means to prove. */
function unproven({ request, redacted, download }: StoreExportInput): string[] {
  return [
    request.scopeId === null
      ? 'scope: that the token’s user sees the whole hierarchy'
      : 'scope: the file does not name it',
    ...(request.timePeriod !== null && redacted.timePeriods.length === 0 ? ['time period: the file names none'] : []),
    ...(download.lengthProven ? [] : ['length: Clari sent none; the file’s own structure is whole']),
  ];
}

/** What came otherwise than asked for, without being wrong. */
function findings({ request, redacted }: StoreExportInput): string[] {
  const foreign = redacted.currencies.filter((currency) => request.currency !== null && currency !== request.currency);
  const missing = (request.typesToExport ?? []).filter(
    (type) => type !== 'forecast_updated' && !redacted.typesSeen.includes(type),
  );
  const entries = redacted.tables.find(({ table }) => table === 'forecast_entries');
  return [
    ...(foreign.length > 0
      ? [`Money came in ${foreign.join(', ')}, though ${request.currency ?? ''} was asked for.`]
      : []),
    ...(missing.length > 0 ? [`No value came of the types ${missing.join(', ')}.`] : []),
    ...(entries?.rows === 0
      ? ['The export has no entries: nothing submitted, or nothing that the token’s user may see.']
      : []),
  ];
}
