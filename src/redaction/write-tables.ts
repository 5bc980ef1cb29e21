import type { DuckDbLimits } from '../duckdb/options.js';
import { ExportError } from '../model/export-error.js';
import { exportTypes, type ExportType } from '../model/request.js';
import { DroppedFields } from './dropped-fields.js';
import { countDuplicates } from './duplicates.js';
import { DuckDbSession, type Parameters } from './duckdb-session.js';
import type { KeyBlocks } from './key-blocks.js';
import { LeakCheck } from './leak-check.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import type { Treatment } from './treatments.js';
import type { RedactedTable, RedactionInput, RedactionPhase, RedactionResult } from './port.js';
import { distinctWords } from './read-back.js';
import { rejectByKind } from './rejections.js';
import { reportNotTaken, reportUnknown } from './report-dropped.js';
import { filledFields } from './columns-sql.js';
import { makeHelpTables } from './help-tables.js';
import { sourceTables, type ListTable } from './source-fields.js';
import type { SplitFile } from './split-file.js';
import { knownPseudonyms } from './known-pseudonyms.js';
import { planTable, shapeOf, type Shape, type TablePlan } from './table-plan.js';
import { innerBlock, OUTER_BLOCK } from './treatment-sql.js';
import { writeTable } from './write-table.js';

/** What may be told of a file's time periods: without a digit it could be anybody's name. */
const TIME_PERIOD = /^(?=.*\d)[\w:. -]{1,16}$/;

export interface WriteTablesInput {
  readonly input: RedactionInput;
  readonly policy: RedactionPolicy;
  /** At least one. */
  readonly files: readonly SplitFile[];
  readonly blocks: KeyBlocks | undefined;
  readonly enter: (phase: RedactionPhase) => void;
  readonly limits: DuckDbLimits;
}

/** Makes the Parquet files from the pieces, one table after the other, each checked by reading it back. */
export async function writeTables(given: WriteTablesInput): Promise<Omit<RedactionResult, 'policy' | 'key'>> {
  const session = await DuckDbSession.open(given.limits, given.input.signal);
  try {
    return await writeAll(given, session);
  } finally {
    session.close();
  }
}

async function writeAll(
  given: WriteTablesInput,
  session: DuckDbSession,
): Promise<Omit<RedactionResult, 'policy' | 'key'>> {
  const { policy, files, enter } = given;
  const shape = shapeOf(files);
  const withRowKey = files.length > 1;
  const known = knownPseudonyms(policy, files, given.limits);
  const plans = sourceTables.map((source): PlannedTable => {
    const all = files.map(({ split, pieces }) => {
      const list = split.lists.get(source.list);
      return planTable(source, { policy, shape, list, file: pieces.records(source.list), withRowKey, known });
    });
    // What is derived from all files at once is the same in each plan.
    return { source, plans: all.filter(({ records }, file) => file === 0 || records !== undefined) };
  });
  const dropped = new DroppedFields();
  const everyPlan = plans.flatMap((one) => one.plans);
  reportUnknown(dropped, policy, files, everyPlan);
  for (const plan of everyPlan) rejectByKind(plan, (column) => treatmentOf(policy, plan.model.name, column));

  enter('redacting');
  const parameters = keyParameters(given.blocks);
  await makeHelpTables(session, { policy, shape, files, parameters });
  enter('checking');
  const leaks = await LeakCheck.prepare(session, { policy, shape, files, scratch: given.input.scratch });
  try {
    return await writeChecked(given, session, { shape, plans, parameters, dropped, leaks });
  } finally {
    await leaks.close();
  }
}

interface PlannedTable {
  readonly source: ListTable;
  /** One for each file that has rows of the table, at least one. */
  readonly plans: readonly TablePlan[];
}

interface Prepared {
  readonly shape: Shape;
  readonly plans: readonly PlannedTable[];
  readonly parameters: Parameters;
  readonly dropped: DroppedFields;
  readonly leaks: LeakCheck;
}

async function writeChecked(
  given: WriteTablesInput,
  session: DuckDbSession,
  { shape, plans, parameters, dropped, leaks }: Prepared,
): Promise<Omit<RedactionResult, 'policy' | 'key'>> {
  const { policy, files, enter } = given;
  const tables: RedactedTable[] = [];
  const found = files.map(() => ({ rows: 0, periods: new Set<string>() }));
  const currencies = new Set<string>();
  let typesSeen: string[] = [];
  for (const { source, plans: ofFiles } of plans) {
    const { table } = source;
    const name = `${table}.parquet`;
    let made: RedactedTable | undefined;
    await given.input.produce(name, async (path) => {
      enter('redacting');
      const flatEntries = shape === 'flat' && table === 'forecast_entries';
      const written = await writeTable(session, {
        plans: ofFiles,
        path,
        scratch: given.input.scratch,
        parameters,
        async onCopy(plan, back, copy, file) {
          reportNotTaken(dropped, policy, plan, back);
          const part = found[file];
          if (!part || !(table === 'forecast_entries' || table === 'forecast_time_periods')) return;
          if (table === 'forecast_entries') part.rows = back.rows;
          for (const id of await distinctWords(session, copy, 'time_period_id', TIME_PERIOD, 8)) part.periods.add(id);
        },
      });
      enter('checking');
      const { model } = written;
      await leaks.table(model, path, written.back);
      const { rows, checksum, fingerprint } = written.back;
      const keyless =
        flatEntries || source.naturalKey.some((column) => !TELLS_APART.has(treatmentOf(policy, table, column).kind));
      const duplicates = keyless
        ? 0
        : await countDuplicates(session, { table, path, rows, key: source.naturalKey, scratch: given.input.scratch });
      const split = written.split && { split: written.split };
      made = { table, name, read: written.read, rejected: 0, duplicates, rows, checksum, fingerprint, ...split };
      if (table === 'forecast_entries') {
        typesSeen = typesOf(ofFiles);
        for (const code of await distinctWords(session, path, 'currency_code', /^[A-Za-z]{3}$/, 32))
          currencies.add(code);
      }
    });
    if (made === undefined) throw new ExportError('Unexpected', `The table ${table} was not written.`);
    tables.push(made);
  }
  const parts = found.map(({ rows, periods }) => ({ rows, timePeriods: few(periods, 8) }));
  return {
    shape,
    tables,
    droppedFields: dropped.list(),
    timePeriods: few(new Set(parts.flatMap(({ timePeriods }) => timePeriods)), 8),
    currencies: few(currencies, 32),
    typesSeen,
    ...(parts.length > 1 ? { parts } : {}),
  };
}

const few = (words: ReadonlySet<string>, most: number): string[] => [...words].sort().slice(0, most);

/** The key's blocks as the statements' parameters. */
export function keyParameters(blocks: KeyBlocks | undefined): Parameters {
  if (blocks === undefined) return {};
  const { outer, inner } = blocks;
  return {
    [OUTER_BLOCK]: outer,
    [innerBlock('email')]: inner.email,
    [innerBlock('name')]: inner.name,
    [innerBlock('id')]: inner.id,
  };
}

/** Treatments after which different values are still different. */
export const TELLS_APART: ReadonlySet<Treatment['kind']> = new Set(['keep', 'tag', 'hmac']);

/** Which of Clari's value types have a value, by the columns that they fill. */
const typeColumns: Readonly<Record<ExportType, readonly string[]>> = {
  forecast: ['forecast_value'],
  quota: ['quota_value'],
  forecast_updated: ['is_updated'],
  adjustment: ['adjustment_value'],
  crm_total: ['crm_total', 'aggregation_total'],
  crm_closed: ['crm_closed'],
};

/** By the file, since the policy may drop the columns. */
function typesOf(plans: readonly TablePlan[]): string[] {
  const filled = new Set(
    plans.flatMap(({ source, census }) =>
      source.columns.filter((column) => filledFields(column, census).length > 0).map(({ column }) => column),
    ),
  );
  return exportTypes.filter((type) => typeColumns[type].some((column) => filled.has(column)));
}
