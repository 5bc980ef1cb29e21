import type { ExportType } from '../../../model/request.js';
import type { PatchSeeds } from './block-template.js';
import { BlockTemplate, USERS_PER_BLOCK } from './block-template.js';
import { quarter } from './calendar.js';
import type { ListName } from './export-file.js';
import { ExportFile } from './export-file.js';
import type { RecordPlan } from './forecast-records.js';
import {
  entryCount,
  fieldMembers,
  fiveListEntries,
  flatEntries,
  timeFrameMembers,
  timePeriodMembers,
} from './forecast-records.js';
import type { NumberForm } from './money.js';
import { userMembers } from './people.js';
import type { Member, Piece } from './pieces.js';
import { layout, object } from './pieces.js';
import { seedFrom } from './random.js';
import { RecordList } from './record-list.js';
import { forecastShape } from './shape.js';

/** A forecast of the fake organisation. */
export interface FakeForecast {
  readonly forecastId: string;
  readonly forecastName: string;
  /** Entries with all weeks: 0 to 100 million. */
  readonly entries: number;
  /** Rows of the users list, or owners of a flat file. Default one for 40 entries, at least 3. At least one for 500 entries. */
  readonly users?: number;
  /** `five-lists`: `entries, users, fields, timePeriods, timeFrames`. `flat`: entries with the owner's name and e-mail. */
  readonly shape: 'five-lists' | 'flat';
  /** Indented by two spaces. Default false. */
  readonly pretty?: boolean;
}

/** What a file's content depends on besides its forecast and the seed. */
export interface FileRequest {
  /** `YYYY_Qn`. */
  readonly timePeriod: string;
  readonly typesToExport: readonly ExportType[];
  readonly currency: string | null;
  readonly includeHistorical: boolean;
}

/** @throws RangeError for a malformed period or an impossible number of entries or users */
export function recordPlan(
  forecast: FakeForecast,
  request: FileRequest,
  seed: number,
  numbers: NumberForm = 'number',
): RecordPlan {
  const period = quarter(request.timePeriod);
  if (period === undefined) throw new RangeError(`timePeriod must look like 2027_Q2, not ${request.timePeriod}`);
  return {
    shape: forecastShape(forecast.forecastId, forecast.entries, forecast.users),
    quarter: period,
    types: new Set(request.typesToExport),
    currency: request.currency,
    includeHistorical: request.includeHistorical,
    seed: seedFrom('file', seed, forecast.forecastId, request.timePeriod),
    numbers,
  };
}

/** The file of an export: the same bytes for the same arguments, everywhere and always. */
export function forecastFile(forecast: FakeForecast, plan: RecordPlan, seed: number): ExportFile {
  const pretty = forecast.pretty ?? false;
  const seeds: PatchSeeds = { file: plan.seed, people: seedFrom('people', seed) };
  const list = (records: Iterable<readonly Member[]>, count: number): RecordList =>
    recordList(records, count, pretty, seeds);
  if (forecast.shape === 'flat') {
    return new ExportFile(new Map([['entries', list(flatEntries(plan), forecast.entries)]]), pretty);
  }
  const frames = timeFrameMembers(plan);
  const fields = fieldMembers(plan.shape);
  return new ExportFile(
    new Map<ListName, RecordList>([
      ['entries', list(fiveListEntries(plan), entryCount(plan))],
      ['users', usersList(plan, pretty, seeds)],
      ['fields', list(fields, fields.length)],
      ['timePeriods', list([timePeriodMembers(plan.quarter)], 1)],
      ['timeFrames', list(frames, frames.length)],
    ]),
    pretty,
  );
}

/** The people of a forecast, also where its file has no users list. */
export function usersList(plan: RecordPlan, pretty: boolean, seeds: PatchSeeds): RecordList {
  const block = Array.from({ length: USERS_PER_BLOCK }, (_, slot) => userMembers(slot));
  return recordList(block, plan.shape.users, pretty, seeds);
}

function recordList(block: Iterable<readonly Member[]>, count: number, pretty: boolean, seeds: PatchSeeds): RecordList {
  const separator = pretty ? ',\n    ' : ',';
  const slots = function* (): Generator<readonly Piece[]> {
    let made = 0;
    for (const members of block) {
      // A small file needs no whole block.
      if (made === count) return;
      made += 1;
      const pieces: Piece[] = [];
      layout(pieces, object(members), pretty, 2);
      pieces.push(separator);
      yield pieces;
    }
  };
  return new RecordList(new BlockTemplate(slots()), count, separator, seeds);
}
