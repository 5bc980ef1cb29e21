import type { ListName } from './export-file.js';
import type { FakeForecast, FileRequest } from './forecast-file.js';
import { forecastFile, recordPlan, usersList } from './forecast-file.js';
import type { RecordPlan } from './forecast-records.js';
import { seedFrom } from './random.js';

export interface PersonalValue {
  readonly kind: 'name' | 'email';
  readonly value: string;
}

export interface RecordsOptions {
  /** Give amounts of money as text, digit by digit as they stand in the file, since some are longer than a double holds. Default false. */
  readonly exact?: boolean;
}

export type ExpectedRecord = Readonly<Record<string, unknown>>;

/** What a test compares with: the content of an export file, from the generator that serves it. Nothing here holds a whole file. */
export interface ExpectedFile {
  readonly bytes: number;
  /** Rows of each list; 0 for lists that the file does not have. */
  readonly counts: Readonly<Record<ListName, number>>;
  /** Records of a list in the file's order, as `JSON.parse` gives them; none for a list that the file does not have. */
  records(list: ListName, options?: RecordsOptions): Iterable<ExpectedRecord>;
  /** Every name and e-mail in the file, in every spelling. Values may come more than once. */
  personalValues(): Iterable<PersonalValue>;
  /** SHA-256 of the file's bytes, lower-case hex. Makes the whole file once. */
  sha256(): string;
}

/** @throws RangeError for a malformed period or an impossible number of entries or users */
export function expectedFile(forecast: FakeForecast, request: FileRequest, seed: number): ExpectedFile {
  const plan = recordPlan(forecast, request, seed);
  const file = forecastFile(forecast, plan, seed);
  const count = (list: ListName): number => file.lists.get(list)?.count ?? 0;
  return {
    bytes: file.bytes,
    counts: {
      entries: count('entries'),
      users: count('users'),
      fields: count('fields'),
      timePeriods: count('timePeriods'),
      timeFrames: count('timeFrames'),
    },
    *records(list, { exact = false } = {}) {
      const source = exact ? forecastFile(forecast, recordPlan(forecast, request, seed, 'text'), seed) : file;
      for (const text of source.lists.get(list)?.texts() ?? []) yield parse(text);
    },
    personalValues: () => personalValues(forecast, plan, seed),
    sha256: () => file.sha256(),
  };
}

function* personalValues(forecast: FakeForecast, plan: RecordPlan, seed: number): Generator<PersonalValue> {
  const flat = forecast.shape === 'flat';
  const owners = plan.shape.entries === 0 ? 0 : Math.ceil(plan.shape.entries / plan.shape.entriesPerUser);
  let number = 0;
  for (const text of usersList(plan, false, { file: plan.seed, people: seedFrom('people', seed) }).texts()) {
    if (flat && number === owners) return;
    number += 1;
    const { name, email } = parse(text);
    yield { kind: 'name', value: String(name) };
    yield { kind: 'email', value: String(email) };
    if (flat) yield { kind: 'email', value: String(email).toUpperCase() };
  }
}

const parse = (text: string): ExpectedRecord => JSON.parse(text) as ExpectedRecord;
