import type { Cut } from './cut.js';
import type { ExportFile, ListName, Lists } from './export-file.js';
import { listNames } from './export-file.js';
import type { FakeForecast, FileForm, FileRequest } from './forecast-file.js';
import { formOf, forecastFile, forecastLists, forecastRows, forecastUsers, recordPlan } from './forecast-file.js';
import type { PersonalValue } from './personal-values.js';
import { personalValuesOf } from './personal-values.js';

export interface RecordsOptions {
  /** Give amounts of money as text, digit by digit as they stand in the file, since some are longer than a double holds. Default false. */
  readonly exact?: boolean;
}

export type ExpectedRecord = Readonly<Record<string, unknown>>;

/** What a test compares with: the content of an export file, from the generator that serves it. Nothing here holds a whole file. */
export interface ExpectedFile {
  readonly bytes: number;
  /** Records of each list; 0 for lists that the file does not have. */
  readonly counts: Readonly<Record<ListName, number>>;
  /**
   * Records of a list in the file's order, as `JSON.parse` gives them; none for a list that the file does not have. The lines of
   * a CSV file are records of `rows`, with the columns as keys.
   */
  records(list: ListName, options?: RecordsOptions): Iterable<ExpectedRecord>;
  /** Every personal value in the file, in every spelling. Values may come more than once. */
  personalValues(): Iterable<PersonalValue>;
  /** SHA-256 of the file's bytes, lower-case hex. Makes the whole file once. */
  sha256(): string;
}

/** @throws RangeError for a malformed period or an impossible number of entries or users */
export function expectedFile(
  forecast: FakeForecast,
  request: FileRequest,
  seed: number,
  { form = formOf(forecast, request), cut }: { readonly form?: FileForm; readonly cut?: Cut } = {},
): ExpectedFile {
  const options = cut === undefined ? {} : { cut };
  const plan = recordPlan(forecast, request, seed, options);
  const lists = forecastLists(forecast, plan, seed, form);
  const expected = expectedLists(forecastFile(forecast, plan, seed, form), lists);
  return {
    ...expected,
    *records(list, { exact = false } = {}) {
      const exactPlan = (): typeof plan => recordPlan(forecast, request, seed, { ...options, numbers: 'text' });
      const source = exact ? forecastLists(forecast, exactPlan(), seed, form) : lists;
      yield* recordsOf(source, list);
    },
    *personalValues() {
      if (form === 'csv' || form === 'rows') {
        yield* expected.personalValues();
        return;
      }
      const flat = form === 'flat';
      const { entriesPerUser } = plan.shape;
      const owners = flat ? Math.ceil(Math.min(plan.cut.rows, forecastRows(plan, form)) / entriesPerUser) : Infinity;
      let number = 0;
      for (const text of forecastUsers(plan, seed).texts()) {
        if (number >= owners) return;
        number += 1;
        for (const { kind, value } of personalValuesOf(parse(text))) {
          yield { kind, value };
          if (flat && kind === 'email') yield { kind, value: value.toUpperCase() };
        }
      }
    },
  };
}

/** What is in a file of these lists. */
export function expectedLists(file: ExportFile, lists: Lists): ExpectedFile {
  return {
    bytes: file.bytes,
    counts: Object.fromEntries(listNames.map((name) => [name, lists.get(name)?.count ?? 0])) as ExpectedFile['counts'],
    records: (list) => recordsOf(lists, list),
    *personalValues() {
      for (const name of lists.keys()) for (const record of recordsOf(lists, name)) yield* personalValuesOf(record);
    },
    sha256: () => file.sha256(),
  };
}

function* recordsOf(lists: Lists, list: ListName): Generator<ExpectedRecord, void, undefined> {
  for (const text of lists.get(list)?.texts() ?? []) yield parse(text);
}

const parse = (text: string): ExpectedRecord => JSON.parse(text) as ExpectedRecord;
