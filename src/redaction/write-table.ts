import type { NamelessFile } from '../duckdb/nameless-file.js';
import { ExportError } from '../model/export-error.js';
import type { JoinedParts } from '../model/steps.js';
import type { TableModel } from '../model/tables.js';
import { copyTable } from './copy-table.js';
import type { DuckDbSession, Parameters } from './duckdb-session.js';
import { joinParts, temporary } from './join-parts.js';
import { partsDisagree } from './join-check.js';
import { readBack, type ReadBack } from './read-back.js';
import type { TablePlan } from './table-plan.js';

export interface WriteTableInput {
  /** One for each file that has rows of the table, at least one. */
  readonly plans: readonly TablePlan[];
  readonly path: string;
  readonly scratch: string;
  readonly parameters: Parameters;
  /** Called with each file's rows: what was read back, where they are while it runs, and the place of the file. */
  readonly onCopy: (plan: TablePlan, back: ReadBack, path: string, file: number) => Promise<void>;
}

export interface WrittenTable {
  readonly model: TableModel;
  readonly read: number;
  readonly back: ReadBack;
  /** Where there are several files. */
  readonly split?: JoinedParts;
}

/** Writes one table: of one file as it is, of the parts of a split export joined. @throws ExportError `CountsDisagree`, `ValueRejected` */
export async function writeTable(session: DuckDbSession, input: WriteTableInput): Promise<WrittenTable> {
  const { plans, path, scratch, parameters, onCopy } = input;
  const [first] = plans;
  if (!first) throw new ExportError('Unexpected', 'A table has no plan.');
  const { model } = first;
  if (plans.length === 1) {
    const back = await copyTable(session, first, path, parameters);
    await onCopy(first, back, path, 0);
    return { model, read: first.records ?? back.rows, back };
  }
  const copies: { readonly file: NamelessFile; readonly back: ReadBack }[] = [];
  try {
    for (const [place, plan] of plans.entries()) {
      const file = await temporary(scratch);
      try {
        const back = await copyTable(session, plan, file.path, parameters);
        await onCopy(plan, back, file.path, place);
        copies.push({ file, back });
      } catch (error) {
        await file.close();
        throw error;
      }
    }
    const backs = copies.map(({ back }) => back);
    const read = backs.reduce((sum, { rows }) => sum + rows, 0);
    const parts = copies.map(({ file, back }) => ({ path: file.path, rows: back.rows }));
    const joining = model.name === 'forecast_entries' ? 'columns' : 'newest';
    const split = await joinParts(session, { model, joining, parts, path, scratch });
    const back = await readBack(session, model, path);
    if (back.rows !== read - split.joined) throw partsDisagree(model, 'rows');
    if (joining === 'columns') checkValues(model, backs, back);
    return { model, read, back, split };
  } finally {
    for (const { file } of copies) await file.close();
  }
}

/** Joining loses no value, and makes none: only one that stands in several files may be there less often than in all together. */
function checkValues(model: TableModel, parts: readonly ReadBack[], whole: ReadBack): void {
  for (const { name } of model.columns) {
    const filled = parts.map((part) => part.filled.get(name) ?? 0);
    const now = whole.filled.get(name) ?? 0;
    if (now < Math.max(...filled) || now > filled.reduce((sum, count) => sum + count, 0))
      throw partsDisagree(model, name);
  }
}
