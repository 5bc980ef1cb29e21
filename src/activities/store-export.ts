import { createHash } from 'node:crypto';
import { crashPoint } from '../crash/crash-point.js';
import type { LandedTable, LoadIdentity, LoadSession, StagedTable } from '../destinations/port.js';
import { changeSentence } from '../model/hold.js';
import type { Change, Receipt } from '../model/receipt.js';
import type { AcceptedInput, StoredExport, StoreExportInput } from '../model/steps.js';
import { checkWhatCame } from './asked-and-came.js';
import { changeFindings } from './change-findings.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import type { OpenedFile, RunStaging } from '../staging/port.js';
import { attempt, type Attempt } from './guarded.js';
import { receiptOf } from './receipt-of.js';
import { runIdOf } from './run-id-of.js';
import { stagingOf } from './staging-of.js';
import { onePartOf } from './named-job.js';

/**
 * Lands the redacted tables with the receipt in one atomic step; a load that was published before is not repeated, and one that
 * differs too much from the last snapshot is not published before somebody has accepted that.
 */
export function storeExport(dependencies: ActivityDependencies) {
  return (input: StoreExportInput): Promise<StoredExport> =>
    attempt((running) => {
      const connection = connectionOf(dependencies, input);
      checkWhatCame(input);
      return dependencies.turnstiles.load.pass(running.signal, () => store(dependencies, connection, input, running));
    });
}

async function store(
  dependencies: ActivityDependencies,
  connection: Connection,
  asked: StoreExportInput,
  { signal, progress }: Attempt,
): Promise<StoredExport> {
  const { destination } = connection;
  const input = await asLanded(connection, asked);
  const load = loadOf(input);
  const before = await destination.published(load);
  if (before && isDone(before, input)) return { outcome: 'landed', receipt: before };
  if (!before && input.heldInVain) return { outcome: 'held', ...input.heldInVain };
  const opened: OpenedFile[] = [];
  try {
    const tables = await openTables(stagingOf(dependencies, connection, input), input, opened);
    crashPoint('before-prepare');
    const session = await destination.prepare({ ...load, runId: runIdOf() }, signal);
    try {
      crashPoint('after-prepare');
      // Whoever prepared earlier can't publish any more: this look is final, where the one above may be older than a load.
      const meanwhile = await destination.published(load);
      if (meanwhile && isDone(meanwhile, input)) return { outcome: 'landed', receipt: meanwhile };
      const landed = await stageAll(session, tables, (table, rows) => progress({ table, rows }));
      const made = receiptOf(connection, input, load, landed);
      const known = before?.accepted;
      const change = known ?? (await changeIn(session, connection, made, landed));
      const accepted = known ?? acceptedFor(input, change);
      if (change && !accepted) return { outcome: 'held', ...change };
      const receipt = change ? withChange(made, change, accepted?.by ?? null) : made;
      crashPoint('before-publish');
      await session.publish(receipt);
      crashPoint('after-publish');
      return { outcome: 'landed', receipt };
    } finally {
      await session.close();
    }
  } finally {
    await Promise.all(opened.map((file) => file.close()));
  }
}

/** A job is one snapshot, whoever lands it: where it is there as another export, which this ledger does not know, it is that one. */
async function asLanded({ destination, account }: Connection, input: StoreExportInput): Promise<StoreExportInput> {
  const { jobId } = input.export;
  const found = await destination.landed({ account, exportIds: [], jobIds: [jobId] });
  const split = found.find((one) => one.jobId !== jobId);
  if (split) throw onePartOf(split.exportId, jobId);
  const before = found.at(-1);
  if (!before || before.exportId === input.export.exportId) return input;
  const { exportId, asOf } = before;
  return { ...input, export: { exportId, jobId, asOf }, scheduledAt: input.scheduledAt ?? before.scheduledAt };
}

/** A run by hand that shares a schedule's export may have landed it first: the snapshot bears the schedule's time all the same. */
function isDone(published: Receipt, { scheduledAt }: StoreExportInput): boolean {
  return published.scheduledAt !== null || scheduledAt === null;
}

/** All are checked before the destination is asked for anything; what was opened is closed by whoever gave `opened`. */
async function openTables(
  staging: RunStaging,
  { redacted }: StoreExportInput,
  opened: OpenedFile[],
): Promise<StagedTable[]> {
  const tables: StagedTable[] = [];
  for (const { table, file, rows, checksum, fingerprint } of redacted.tables) {
    const plain = await staging.open(file);
    opened.push(plain);
    tables.push({ table, path: plain.path, rows, checksum, ...(fingerprint === undefined ? {} : { fingerprint }) });
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

/** How the export differs from the last snapshot, where that is too much; undefined where it is not. */
async function changeIn(
  session: LoadSession,
  { hold }: Connection,
  receipt: Receipt,
  landed: readonly LandedTable[],
): Promise<Change | undefined> {
  // An incomplete one is asked for as such, and no view takes it for the latest.
  const previous = receipt.complete && hold.changePercent > 0 ? await session.previous(receipt) : undefined;
  if (!previous) return undefined;
  const measures = Object.fromEntries(landed.flatMap((table) => Object.entries(table.measures)));
  const findings = changeFindings(previous, receipt, measures, hold.changePercent);
  return findings.length > 0 ? { comparedWith: previous.receipt.exportId, findings } : undefined;
}

/** Who wants this change landed: another snapshot may have landed since somebody was shown how the export differs from the last one. */
function acceptedFor({ accepted, request }: StoreExportInput, change: Change | undefined): AcceptedInput | null {
  const seen = accepted?.seen;
  if (accepted && !(seen && change && changeSentence(seen) !== changeSentence(change))) return accepted;
  return request.acceptChange ? { by: null } : null;
}

function withChange(receipt: Receipt, { comparedWith, findings }: Change, by: string | null): Receipt {
  const accepted = { comparedWith, findings, by };
  const warning = `${changeSentence(accepted)} It was accepted${by === null ? '' : ` by ${by}`}.`;
  return { ...receipt, accepted, warnings: [...receipt.warnings, warning] };
}
