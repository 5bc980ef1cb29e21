import { whatKey } from '../../src/activities/start-export.js';
import type { AccountState, LedgerEntry } from '../../src/model/account.js';
import type { Receipt } from '../../src/model/receipt.js';
import { checkRequest } from '../../src/model/request-check.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import { Ledger } from '../support/ledger.js';
import { amountsOf } from './amounts.js';
import { whatOf, type ClariEvidence, type FileEvidence, type JobEvidence } from './clari-evidence.js';
import type { Evidence } from './evidence.js';
import type { RunEvidence } from './runs-evidence.js';
import type { WarehouseEvidence } from './warehouse.js';

/** Of two forecasts. */
export const files: Readonly<Record<'net_arr' | 'renewals', FileEvidence>> = {
  net_arr: fileOf(900, 'aa', { forecast_entries: 30, forecast_users: 3 }),
  renewals: fileOf(500, 'bb', { forecast_entries: 20, forecast_users: 2 }),
};

/** A file whose rows are all of different keys, the same in each. */
export function fileOf(bytes: number, sha256: string, rows: FileEvidence['rows']): FileEvidence {
  const places = Array.from({ length: 3 }, (_, at) => ({
    fieldId: 'commit',
    timeFrameId: `week ${at}`,
    forecastValue: `${bytes}499.99`,
  }));
  const amounts = () => amountsOf(places);
  return {
    bytes,
    sha256,
    rows,
    amounts,
    keys: (table) => Array.from({ length: rows[table] ?? 0 }, (_, at) => `key ${at}`),
  };
}

export function requestFor(forecastId: string): ExportForecastRequest {
  const checked = checkRequest([{ forecastId, timePeriod: '2027_Q2' }]);
  if (checked.outcome !== 'good') throw new Error('a request of the tests is faulty');
  return checked.request;
}

/** An export with its job, as the ledger itself makes it. */
export function entryOf(forecastId: string, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  const ledger = new Ledger();
  const key = whatKey('default', requestFor(forecastId));
  const entry = ledger.entry(ledger.created(forecastId, `job-${forecastId}`, { whatKey: key }));
  if (!entry) throw new Error('the ledger of the tests lost an export');
  return { ...entry, ...changes };
}

export function jobOf(forecastId: string, changes: Partial<JobEvidence> = {}): JobEvidence {
  const what = whatOf(requestFor(forecastId));
  return { jobId: `job-${forecastId}`, what, state: 'done', truncated: false, zipped: false, damaged: 0, ...changes };
}

/** A number that differs from table to table. */
const checksumOf = (forecastId: string, table: string): string => `${forecastId}${table}`.length.toString();

function receiptOf(forecastId: keyof typeof files): Receipt {
  const { bytes, sha256, rows } = files[forecastId];
  const { exportId, asOf, scheduledAt } = entryOf(forecastId);
  return {
    ...facts,
    ...{ exportId, asOf, scheduledAt, loadId: `${exportId}-load`, jobId: `job-${forecastId}` },
    request: requestFor(forecastId),
    raw: { bytes, sha256 },
    tables: Object.entries(rows).map(([table, count]) => ({
      ...{ table, read: count, rejected: 0, duplicates: 0, staged: count, landed: count },
      checksum: checksumOf(forecastId, table),
    })),
  } as Receipt;
}

/** What a receipt has beside. */
const facts: Partial<Receipt> = {
  ...{ receiptVersion: 1, connection: 'default', account: 'default', environment: 'undeclared' },
  ...{ landedAt: '2027-05-03T06:01:00.000Z', complete: true, warnings: [] },
};

export function runOf(forecastId: keyof typeof files, changes: Partial<RunEvidence> = {}): RunEvidence {
  return {
    ...{ workflowId: `export-${forecastId}`, runId: `run-${forecastId}`, status: 'COMPLETED', closedAt: 2_000 },
    ...{ request: requestFor(forecastId), receipt: receiptOf(forecastId), failure: null, pending: [] },
    ...changes,
  };
}

/** What holds of a world in which all went well: two exports, each landed by its run. */
export class SoundWorld {
  clari: ClariEvidence;
  ledger: AccountState;
  runs: readonly RunEvidence[];
  warehouse: WarehouseEvidence;

  constructor() {
    const names = Object.keys(files) as (keyof typeof files)[];
    this.clari = {
      jobs: names.map((name) => jobOf(name)),
      posts: [],
      delivered: [],
      struck: 0,
      unansweredPosts: [],
      fileOf: (jobId) => files[jobId === 'job-renewals' ? 'renewals' : 'net_arr'],
    };
    this.ledger = { account: 'default', entries: names.map((name) => entryOf(name)), lease: null, excessJobs: 0 };
    this.runs = names.map((name) => runOf(name));
    this.warehouse = {
      names: ['exports', 'forecast_entries', 'forecast_users', 'clari_loads', 'latest_exports'],
      exports: names.map((name) => rowOf(receiptOf(name))),
      rows: names.flatMap((name) =>
        Object.entries(files[name].rows).map(([table, rows]) => ({
          ...{ table, exportId: entryOf(name).exportId, rows, checksum: checksumOf(name, table) },
        })),
      ),
      amounts: new Map(names.map((name) => [entryOf(name).exportId, files[name].amounts()])),
    };
  }

  evidence(changes: Partial<Evidence> = {}): Evidence {
    const { clari, ledger, runs, warehouse } = this;
    return {
      clari,
      ledger,
      runs,
      warehouse,
      interventions: [],
      disturbed: [],
      staged: [],
      leaks: [],
      broken: [],
      ...changes,
    };
  }
}

export const rowOf = (receipt: Receipt): WarehouseEvidence['exports'][number] => ({
  exportId: receipt.exportId,
  jobId: receipt.jobId,
  receipt: JSON.stringify(receipt),
  publishedAt: 1_000,
});
