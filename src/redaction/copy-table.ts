import { quoteLiteral } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import { RejectionSeen, type DuckDbSession, type Parameters } from './duckdb-session.js';
import { readBack, type ReadBack } from './read-back.js';
import { diagnose } from './rejections.js';
import type { TablePlan } from './table-plan.js';

/**
 * Writes one list of one file as a Parquet file, and reads it back.
 * @throws ExportError `ValueRejected`; `CountsDisagree` where a row is missing
 */
export async function copyTable(
  session: DuckDbSession,
  plan: TablePlan,
  path: string,
  parameters: Parameters,
): Promise<ReadBack> {
  const { name } = plan.model;
  const copied = await copyRows(session, `redacting ${name} (list ${plan.source.list})`, plan.select, path, {
    parameters,
  })
    // Which value it was, the records tell.
    .catch((error: unknown) => explained(session, plan, parameters, error));
  const back = await readBack(session, plan.model, path);
  if (back.rows !== copied || (plan.records ?? copied) !== copied) {
    throw new ExportError(
      'CountsDisagree',
      `${name} has ${plan.records ?? copied} records in the file, ${copied} rows written and ${back.rows} read back.`,
    );
  }
  return back;
}

/** What each of DuckDB's threads gathers before it writes it: its own bound, 122,880 rows, is 100 MB and more where they are wide. */
const GATHERED = '16MB';

/** Writes the rows of a query as a Parquet file; their number. */
export function copyRows(
  session: DuckDbSession,
  doing: string,
  select: string,
  path: string,
  { parameters = {} }: { readonly parameters?: Parameters } = {},
): Promise<number> {
  // The level by default is a fifth slower in all, for a file a twentieth smaller.
  const options = ['FORMAT parquet', 'COMPRESSION zstd', 'COMPRESSION_LEVEL 1', 'USE_TMP_FILE false'];
  if (!session.keepsOrder) options.push(`ROW_GROUP_SIZE_BYTES '${GATHERED}'`);
  return session.run(doing, `COPY (${select}) TO ${quoteLiteral(path)} (${options.join(', ')})`, parameters);
}

async function explained(
  session: DuckDbSession,
  plan: TablePlan,
  parameters: Parameters,
  error: unknown,
): Promise<never> {
  if (!(error instanceof RejectionSeen)) throw error;
  await diagnose(session, plan, parameters);
  throw new ExportError('ValueRejected', `A value of ${plan.model.name} can not be landed exactly.`);
}
