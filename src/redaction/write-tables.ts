import type { DuckDbLimits } from '../duckdb/options.js';
import { quoteLiteral } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import { exportTypes, type ExportType } from '../model/request.js';
import { DroppedFields } from './dropped-fields.js';
import { DuckDbSession, RejectionSeen, type Parameters } from './duckdb-session.js';
import type { KeyBlocks } from './key-blocks.js';
import { LeakCheck } from './leak-check.js';
import type { Pieces } from './pieces.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import type { Treatment } from './treatments.js';
import type { RedactedTable, RedactionInput, RedactionPhase, RedactionResult } from './port.js';
import { countDuplicates, distinctWords, readBack, type ReadBack } from './read-back.js';
import { diagnose, rejectByKind } from './rejections.js';
import { reportNotTaken, reportUnknown } from './report-dropped.js';
import { filledFields } from './columns-sql.js';
import { makeHelpTables } from './help-tables.js';
import { sourceTables } from './source-fields.js';
import type { SplitSummary } from './split-outline.js';
import { planTable, shapeOf, type TablePlan } from './table-plan.js';
import { innerBlock, OUTER_BLOCK } from './treatment-sql.js';

/** What may be told of a file's time periods: without a digit it could be anybody's name. */
const TIME_PERIOD = /^(?=.*\d)[\w:. -]{1,16}$/;

export interface WriteTablesInput {
  readonly input: RedactionInput;
  readonly policy: RedactionPolicy;
  readonly split: SplitSummary;
  readonly pieces: Pieces;
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
  const { policy, split, pieces, enter } = given;
  const shape = shapeOf(split.lists);
  const plans = sourceTables.map((source) =>
    planTable(source, { policy, shape, list: split.lists.get(source.list), path: pieces.path(source.list) }),
  );
  const treatments =
    (plan: TablePlan) =>
    (column: string): Treatment =>
      treatmentOf(policy, plan.model.name, column);
  const dropped = new DroppedFields();
  reportUnknown(dropped, policy, split, plans);
  for (const plan of plans) rejectByKind(plan, treatments(plan));

  enter('redacting');
  const parameters = keyParameters(given.blocks);
  const people = await makeHelpTables(session, { policy, shape, split, pieces });
  const leaks = await LeakCheck.prepare(session, people);

  const tables: RedactedTable[] = [];
  const periods = new Set<string>();
  const currencies = new Set<string>();
  let typesSeen: string[] = [];
  for (const plan of plans) {
    const table = plan.source.table;
    const name = `${table}.parquet`;
    let made: RedactedTable | undefined;
    await given.input.produce(name, async (path) => {
      enter('redacting');
      const copied = await copyTable(session, plan, path, parameters);
      enter('checking');
      const back = await readBack(session, plan.model, path);
      checkCounts(plan, copied, back);
      await leaks.table(plan.model, path, treatments(plan));
      const keyless =
        (shape === 'flat' && table === 'forecast_entries') ||
        plan.source.naturalKey.some((column) => !TELLS_APART.has(treatments(plan)(column).kind));
      const duplicates = keyless ? 0 : await countDuplicates(session, table, path, back.rows, plan.source.naturalKey);
      const { rows, checksum } = back;
      made = { table, name, read: plan.records ?? rows, rejected: 0, duplicates, rows, checksum };

      reportNotTaken(dropped, policy, plan, back);
      if (table === 'forecast_entries') {
        typesSeen = typesOf(plan);
        for (const code of await distinctWords(session, path, 'currency_code', /^[A-Za-z]{3}$/, 32))
          currencies.add(code);
      }
      if (table === 'forecast_entries' || table === 'forecast_time_periods') {
        for (const id of await distinctWords(session, path, 'time_period_id', TIME_PERIOD, 8)) periods.add(id);
      }
    });
    if (made === undefined) throw new ExportError('Unexpected', `The table ${table} was not written.`);
    tables.push(made);
  }
  return {
    shape,
    tables,
    droppedFields: dropped.list(),
    timePeriods: [...periods].sort().slice(0, 8),
    currencies: [...currencies].sort().slice(0, 32),
    typesSeen,
  };
}

function keyParameters(blocks: KeyBlocks | undefined): Parameters {
  if (blocks === undefined) return {};
  const { outer, inner } = blocks;
  return {
    [OUTER_BLOCK]: outer,
    [innerBlock('email')]: inner.email,
    [innerBlock('name')]: inner.name,
    [innerBlock('id')]: inner.id,
  };
}

async function copyTable(
  session: DuckDbSession,
  plan: TablePlan,
  path: string,
  parameters: Parameters,
): Promise<number> {
  const { name } = plan.model;
  try {
    return await session.run(
      `redacting ${name} (list ${plan.source.list})`,
      `COPY (${plan.select}) TO ${quoteLiteral(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
      parameters,
    );
  } catch (error) {
    if (!(error instanceof RejectionSeen)) throw error;
    await diagnose(session, plan, parameters);
    throw new ExportError('ValueRejected', `A value of ${name} can not be landed exactly.`);
  }
}

function checkCounts(plan: TablePlan, copied: number, back: ReadBack): void {
  if (back.rows === copied && (plan.records === undefined || plan.records === copied)) return;
  throw new ExportError(
    'CountsDisagree',
    `${plan.model.name} has ${plan.records ?? copied} records in the file, ${copied} rows written and ${back.rows} read back.`,
  );
}

/** Treatments after which different values are still different. */
const TELLS_APART: ReadonlySet<Treatment['kind']> = new Set(['keep', 'tag', 'hmac']);

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
function typesOf({ source, census }: TablePlan): string[] {
  const filled = new Set(
    source.columns.filter((column) => filledFields(column, census).length > 0).map(({ column }) => column),
  );
  return exportTypes.filter((type) => typeColumns[type].some((column) => filled.has(column)));
}
