import { createHash } from 'node:crypto';
import type { Receipt, TableCount } from '../../src/model/receipt.js';
import { exportsTable, forecastTables } from '../../src/model/tables.js';
import { partRequest } from '../../src/model/split.js';
import { viewNames } from '../../src/destinations/duckdb/views.js';
import { whatOf, type FileEvidence } from './clari-evidence.js';
import type { Evidence, Violation } from './evidence.js';
import { splitRows } from './split-rows.js';

export interface LandedChecked {
  readonly violations: readonly Violation[];
  readonly rowsLost: number;
  readonly rowsDoubled: number;
}

const known = new Set<string>([
  ...forecastTables.map(({ name }) => name),
  exportsTable.name,
  'clari_loads',
  ...viewNames,
]);

/** What a reader sees is whole exports, each once, and nothing else. */
export function checkLanded(evidence: Evidence): LandedChecked {
  const { warehouse } = evidence;
  const violations: Violation[] = [];
  let [rowsLost, rowsDoubled] = [0, 0];
  const told = (rule: string, what: string, ...lookAt: string[]): void => void violations.push({ rule, what, lookAt });

  for (const name of warehouse.names.filter((one) => !known.has(one)))
    told('a reader sees nothing of unfinished exports', `there is a table ${name}`);
  const published = new Set(warehouse.exports.map(({ exportId }) => exportId));
  for (const { table, exportId, rows } of warehouse.rows.filter((one) => !published.has(one.exportId)))
    told('a reader sees nothing of unfinished exports', `${rows} rows in ${table}`, `export ${exportId}`);

  for (const exportId of published) {
    const rows = warehouse.exports.filter((one) => one.exportId === exportId);
    if (rows.length > 1) told('an export is there once', `${rows.length} rows in exports`, `export ${exportId}`);
  }
  for (const [jobId, ids] of grouped(warehouse.exports, ({ jobId: job }) => job)) {
    if (new Set(ids.map(({ exportId }) => exportId)).size > 1)
      told('a job is landed under one export', `job ${jobId}`, ...ids.map(({ exportId }) => `export ${exportId}`));
  }

  for (const { exportId, jobId, receipt: text } of warehouse.exports) {
    const receipt = JSON.parse(text) as Receipt;
    const lookAt = [`export ${exportId}`, `job ${jobId}`];
    const job = evidence.clari.jobs.find((one) => one.jobId === jobId);
    if (!job) {
      told('an export has the job that it asked for', `Clari has no job ${jobId}`, ...lookAt);
      continue;
    }
    if (receipt.exportId !== exportId || receipt.jobId !== jobId)
      told('a receipt is that of its row', 'the ids in it are others', ...lookAt);
    if (whatOf(receipt.request) !== job.what)
      told(
        'an export has the job that it asked for',
        `${whatOf(receipt.request)} was asked for, ${job.what} came`,
        ...lookAt,
      );
    const jobs = (receipt.parts ?? [{ jobId }]).map((part) =>
      evidence.clari.jobs.find((one) => one.jobId === part.jobId),
    );
    const truncated = jobs.some((one) => one?.truncated);
    if (receipt.complete === truncated)
      told('a truncated export is marked', `complete is ${receipt.complete}, truncated is ${truncated}`, ...lookAt);
    if (receipt.parts && jobs.some((one, place) => one?.what !== partOf(receipt, place)))
      told('an export has the job that it asked for', 'a part is of something else', ...lookAt);
    const file = fileOf(evidence, receipt);
    const { bytes, sha256 } = receipt.raw;
    if (!jobs.some((one) => one?.zipped) && (bytes !== file.bytes || sha256 !== file.sha256))
      told('what was downloaded is Clari’s file', `${bytes} bytes of ${file.bytes}, or another hash`, ...lookAt);
    const counts = new Map(receipt.tables.map((one) => [one.table, one]));
    for (const table of new Set([...Object.keys(file.rows), ...counts.keys()])) {
      const there = warehouse.rows.find((one) => one.exportId === exportId && one.table === table);
      const counted = counts.get(table);
      const joined = counted?.joined ?? 0;
      const [has, expected] = [there?.rows ?? 0, file.rows[table] ?? counted?.landed ?? 0];
      rowsLost += Math.max(0, expected - has);
      rowsDoubled += Math.max(0, has - expected);
      if (has !== expected) told('no row is lost or doubled', `${table}: ${has} rows of ${expected}`, ...lookAt);
      else if (
        counted &&
        (counted.landed !== has || counted.staged !== has || counted.read !== has + joined + counted.rejected)
      )
        told('a receipt counts what is there', `${table}: ${has} rows, and ${JSON.stringify(counted)}`, ...lookAt);
      if (counted && counted.checksum !== (there?.checksum ?? '0'))
        told(
          'the checksum is that of the rows',
          `${table}: ${there?.checksum ?? 'no rows'}, ${counted.checksum} in the receipt`,
          ...lookAt,
        );
    }
  }
  violations.push(...differing(evidence), ...unlanded(evidence));
  return { violations, rowsLost, rowsDoubled };
}

/** Clari's file, or those of all parts of a split export, with the rows that they are to become. */
function fileOf({ clari }: Evidence, { jobId, parts }: Receipt): Omit<FileEvidence, 'keys' | 'amounts'> {
  if (!parts) return clari.fileOf(jobId);
  const files = parts.map((part) => clari.fileOf(part.jobId));
  const tables = new Set(files.flatMap(({ rows }) => Object.keys(rows)));
  const rows = Object.fromEntries([...tables].map((table) => [table, splitRows(table, files)]));
  const hashes = files.map(({ sha256 }) => sha256).join('\n');
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { bytes, sha256: createHash('sha256').update(hashes).digest('hex'), rows };
}

function partOf({ request, parts }: Receipt, place: number): string | undefined {
  const type = parts?.[place]?.type;
  return type && whatOf(partRequest(request, type));
}

/** Equal files give equal rows, however they came; so do the parts of a split export, each of which is a file. */
function differing({ warehouse, clari }: Evidence): Violation[] {
  const jobOf = (jobId: string) => clari.jobs.find((job) => job.jobId === jobId);
  const whole = warehouse.exports.flatMap(({ exportId, jobId, receipt: text }) => {
    const receipt = JSON.parse(text) as Receipt;
    const [what, truncated] = [jobOf(jobId)?.what ?? jobId, jobOf(jobId)?.truncated ?? true];
    if (receipt.parts) return receipt.complete ? [{ exportId, receipt, what: `${what} in parts` }] : [];
    return truncated ? [] : [{ exportId, receipt, what }];
  });
  return [...grouped(whole, ({ what }) => what)].flatMap(([what, same]) => {
    const contents = new Set(same.map(({ receipt }) => contentOf(receipt.tables)));
    const lookAt = same.map(({ exportId }) => `export ${exportId}`);
    return contents.size > 1 ? [{ rule: 'equal files give equal rows', what, lookAt }] : [];
  });
}

/** Each run that completed has landed what its receipt says, and the row of its export is a receipt of it. */
function unlanded({ runs, warehouse }: Evidence): Violation[] {
  return runs.flatMap(({ workflowId, runId, receipt, status }): Violation[] => {
    if (status !== 'COMPLETED') return [];
    const lookAt = [`workflow ${workflowId}`, `run ${runId}`, ...(receipt ? [`export ${receipt.exportId}`] : [])];
    const row = warehouse.exports.find(({ exportId }) => exportId === receipt?.exportId);
    if (!receipt || !row)
      return [{ rule: 'a completed run has landed', what: 'nothing is there under its export', lookAt }];
    const landed = JSON.parse(row.receipt) as Receipt;
    // Runs that share an export may have landed it one after the other: then the times differ, and nothing else does.
    const same = coreOf(landed) === coreOf(receipt);
    const shared = runs.some((run) => run.runId !== runId && run.receipt?.exportId === receipt.exportId);
    const equal = shared || landed.scheduledAt !== receipt.scheduledAt || landed.landedAt === receipt.landedAt;
    // Of a truncated job one may land what there is, and another its parts after that: a complete snapshot alone stays.
    const replaced =
      !receipt.complete &&
      landed.landedAt > receipt.landedAt &&
      runs.some((run) => run.receipt && coreOf(run.receipt) === coreOf(landed));
    return (same && equal) || replaced
      ? []
      : [
          {
            rule: 'the receipt of a run is the row of its export',
            what: same ? 'it is another load' : 'they differ',
            lookAt,
          },
        ];
  });
}

const coreOf = ({ exportId, loadId, jobId, account, tables, complete }: Receipt): string =>
  JSON.stringify([exportId, loadId, jobId, account, contentOf(tables), complete]);

const contentOf = (tables: readonly TableCount[]): string =>
  JSON.stringify(tables.map(({ table, read, landed, checksum }) => [table, read, landed, checksum]));

function grouped<T>(items: readonly T[], by: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(by(item), [...(groups.get(by(item)) ?? []), item]);
  return groups;
}
