import type { Readable } from 'node:stream';
import { ExportError } from '../../model/export-error.js';
import type { RedactionFindings } from '../../model/steps.js';
import { countDuplicates } from '../duplicates.js';
import { DroppedFields, shownIn } from '../dropped-fields.js';
import { DuckDbSession } from '../duckdb-session.js';
import { makeHelpTables } from '../help-tables.js';
import { LeakCheck } from '../leak-check.js';
import { CSV_ROWS } from '../lists.js';
import { treatmentOf } from '../policy.js';
import type { RedactedTable, RedactionInput } from '../port.js';
import { RedactionWork, type RedactorOptions, type WorkingHands } from '../redaction-work.js';
import { rejectByKind } from '../rejections.js';
import { reportNotTaken, reportUnknown } from '../report-dropped.js';
import { csvSource } from '../source-fields.js';
import { planTable } from '../table-plan.js';
import type { SourceFile } from '../treated-fields.js';
import { writeTable } from '../write-table.js';
import { keyParameters, TELLS_APART } from '../write-tables.js';
import { copyCsv, type CsvFile } from './copy-csv.js';
import { takeCensus } from './rows-sql.js';

export interface CsvRedactionInput extends Omit<RedactionInput, 'files'> {
  /** Opens the CSV as sent (already unzipped), read once from start to end. What was opened is closed. */
  readonly open: () => Promise<Readable>;
}

export interface CsvRedaction extends Pick<RedactionFindings, 'policy' | 'key' | 'droppedFields'> {
  readonly shape: 'csv';
  readonly tables: readonly [RedactedTable<'forecast_csv_values'>];
  /** Whether the last row has no line end: nobody can tell whether its last cell is whole. */
  readonly endsOpen: boolean;
}

/** Redacts a forecast's CSV by the steps and checks of a file in JSON. One at a time in a process. */
export interface CsvRedactor {
  /** @throws as `Redactor.redact` */
  redact(input: CsvRedactionInput): Promise<CsvRedaction>;
}

/** @throws ExportError `PolicyRefused` for an unusable policy, `RedactionKeyUnusable` for a missing key */
export function createCsvRedactor(options: RedactorOptions): CsvRedactor {
  const work = new RedactionWork(options);
  return {
    redact: (input) =>
      work.run(input.onProgress, async (hands) => {
        const file = await copyCsv(input.open, { ...input, onBytes: hands.onBytes });
        try {
          const session = await DuckDbSession.open(work.limits, input.signal);
          try {
            return await write(session, { work, input, hands, file });
          } finally {
            session.close();
          }
        } finally {
          await file.close();
        }
      }),
  };
}

interface Given {
  readonly work: RedactionWork;
  readonly input: CsvRedactionInput;
  readonly hands: WorkingHands;
  readonly file: CsvFile;
}

const { table, naturalKey } = csvSource;

async function write(
  session: DuckDbSession,
  { work: { policy }, input: { scratch, produce }, hands: { blocks, enter }, file }: Given,
): Promise<Omit<CsvRedaction, 'policy' | 'key'>> {
  enter('redacting');
  const list = await takeCensus(session, file);
  const source: SourceFile = {
    split: { lists: new Map([[CSV_ROWS, list]]) },
    pieces: { records: () => file.rows },
  };
  const shape = 'csv';
  const plan = planTable(csvSource, { policy, shape, list, file: file.rows, withRowKey: false });
  const dropped = new DroppedFields(shownIn(CSV_ROWS));
  reportUnknown(dropped, policy, [], [plan]);
  rejectByKind(plan, (column) => treatmentOf(policy, table, column));
  const parameters = keyParameters(blocks);
  await makeHelpTables(session, { policy, shape, files: [], parameters });
  enter('checking');
  const leaks = await LeakCheck.prepare(session, { policy, shape, files: [source], scratch });
  try {
    const name = `${table}.parquet`;
    let made: RedactedTable<typeof table> | undefined;
    await produce(name, async (path) => {
      enter('redacting');
      const { model, read, back } = await writeTable(session, {
        plans: [plan],
        ...{ path, scratch, parameters },
        onCopy: (_, copied) => {
          reportNotTaken(dropped, policy, plan, copied);
          return Promise.resolve();
        },
      });
      enter('checking');
      await leaks.table(model, path, back);
      const { rows, checksum, fingerprint } = back;
      const told = naturalKey.every((column) => TELLS_APART.has(treatmentOf(policy, table, column).kind));
      // Rows of different people whom nothing names would look alike.
      const duplicates =
        told && list.census.isFilled('Email')
          ? await countDuplicates(session, { table, path, rows, key: naturalKey, scratch })
          : 0;
      made = { table, name, read, rejected: 0, duplicates, rows, checksum, fingerprint };
    });
    if (made === undefined) throw new ExportError('Unexpected', `The table ${table} was not written.`);
    return { shape, tables: [made], droppedFields: dropped.list(), endsOpen: file.endsOpen };
  } finally {
    await leaks.close();
  }
}
