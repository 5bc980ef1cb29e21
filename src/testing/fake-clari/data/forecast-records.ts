import type { ExportType } from '../../../model/request.js';
import { USERS_PER_BLOCK } from './block-template.js';
import type { Quarter, Week } from './calendar.js';
import { unordered, weeks } from './calendar.js';
import type { NumberForm } from './money.js';
import { INTEGER_ABOVE_DOUBLE, SIXTEEN_DIGITS, amount, currencyCode, currencySymbol, exactly } from './money.js';
import { MANAGER_SLOT, displayName, email, personNumber, userId } from './people.js';
import type { Member, Value } from './pieces.js';
import { json, object, quoted } from './pieces.js';
import { mix } from './random.js';
import type { ForecastShape } from './shape.js';

/** What the records of one file depend on. */
export interface RecordPlan {
  readonly shape: ForecastShape;
  readonly quarter: Quarter;
  readonly types: ReadonlySet<ExportType>;
  readonly currency: string | null;
  readonly includeHistorical: boolean;
  readonly seed: number;
  readonly numbers: NumberForm;
}

/** Index of the field whose entries hold a quota and nothing else. */
const QUOTA_FIELD = 3;
const FIELDS = [
  { fieldId: 'fc_commit', fieldName: 'Commit', fieldType: 'forecast' },
  { fieldId: 'fc_best_case', fieldName: 'Best Case', fieldType: 'forecast' },
  { fieldId: 'fc_upside', fieldName: 'Upside / "Stretch"', fieldType: 'forecast' },
  { fieldId: 'quota_total', fieldName: 'Quota', fieldType: 'quota' },
] as const;

const fieldId = (index: number): string => FIELDS[index]?.fieldId ?? `fc_custom_${index}`;

export function fieldMembers(shape: ForecastShape): readonly (readonly Member[])[] {
  return Array.from({ length: shape.fields }, (_, index): readonly Member[] => [
    ['fieldId', json(fieldId(index))],
    ['fieldName', json(FIELDS[index]?.fieldName ?? `Custom ${index}`)],
    ['fieldType', json(FIELDS[index]?.fieldType ?? 'forecast')],
  ]);
}

export const timePeriodMembers = (quarter: Quarter): readonly Member[] => [
  ['timePeriodId', json(quarter.timePeriodId)],
  ['type', json('quarter')],
  ['label', json(quarter.label)],
  ['year', json(quarter.year)],
  ['startDate', json(quarter.startDate)],
  ['endDate', json(quarter.endDate)],
  ['crmId', json(`026EX00${quarter.startDate.replaceAll('-', '')}AAA`)],
];

export function timeFrameMembers(plan: RecordPlan): readonly (readonly Member[])[] {
  const all = weeks(plan.quarter, plan.shape.weeks);
  const shown = plan.includeHistorical ? unordered(all) : all.slice(-1);
  return shown.map(({ timeFrameId, startDate, endDate }): readonly Member[] => [
    ['timeFrameId', json(timeFrameId)],
    ['startDate', json(startDate)],
    ['endDate', json(endDate)],
  ]);
}

interface Entry {
  readonly userSlot: number;
  readonly field: number;
  readonly week: Week;
  /** Place in the block of the whole history: what the features of the data and the seeds of its values go by. */
  readonly trait: number;
}

/** Entries of one user, those that the plan leaves out skipped. `among`: how many of the user's entries exist at all. */
function* entriesOfUser(plan: RecordPlan, userSlot: number, among: number): Generator<Entry> {
  const ordered = weeks(plan.quarter, plan.shape.weeks);
  const shuffled = unordered(ordered);
  const last = ordered.at(-1);
  for (let index = 0; index < among; index += 1) {
    const week = shuffled[index % shuffled.length];
    if (week === undefined || (!plan.includeHistorical && week !== last)) continue;
    const trait = userSlot * plan.shape.entriesPerUser + index;
    yield { userSlot, field: Math.floor(index / shuffled.length), week, trait };
  }
}

/** Entries in the file: all of them, or those of the last week. */
export function entryCount(plan: RecordPlan): number {
  const { entries, entriesPerUser } = plan.shape;
  if (entries === 0) return 0;
  const fullUsers = Math.floor(entries / entriesPerUser);
  const perUser = [...entriesOfUser(plan, 0, entriesPerUser)].length;
  return fullUsers * perUser + [...entriesOfUser(plan, 0, entries % entriesPerUser)].length;
}

/** The entries of one block of users. */
export function* fiveListEntries(plan: RecordPlan): Generator<readonly Member[]> {
  for (let slot = 0; slot < USERS_PER_BLOCK; slot += 1) {
    for (const entry of entriesOfUser(plan, slot, plan.shape.entriesPerUser)) yield fiveListEntry(plan, entry);
  }
}

const MONEY_TYPES: readonly ExportType[] = ['forecast', 'quota', 'adjustment', 'crm_total', 'crm_closed'];

function fiveListEntry(plan: RecordPlan, { userSlot, field, week, trait }: Entry): readonly Member[] {
  const { types } = plan;
  const members: Member[] = [
    ['timePeriodId', json(plan.quarter.timePeriodId)],
    ['timeFrameId', json(week.timeFrameId)],
    ['userId', quoted(userId(userSlot))],
    ['fieldId', json(fieldId(field))],
  ];
  const isQuota = field === QUOTA_FIELD;
  if (types.has('forecast') && !isQuota) members.push(['forecastValue', forecastValue(plan, trait)]);
  if (MONEY_TYPES.some((type) => types.has(type))) members.push(...currencyMember(plan, trait));
  if (types.has('forecast_updated') && !isQuota) members.push(...updatedMembers(plan, userSlot, week, trait));
  if (types.has('quota') && trait % 97 !== 6) members.push(['quotaValue', money(plan, trait, 1)]);
  if (isQuota) return members;
  if (types.has('adjustment') && trait % 4 === 1) {
    members.push(
      ['adjustmentValue', money(plan, trait, 2)],
      ['adjustedBy', quoted([personNumber(MANAGER_SLOT)])],
      ['adjustedOn', instantIn(week, trait * 8 + 6)],
    );
  }
  if (types.has('crm_total')) members.push(['aggregationTotal', money(plan, trait, 3)]);
  if (types.has('crm_closed')) members.push(['crmClosed', money(plan, trait, 4)]);
  return members;
}

const money = (plan: RecordPlan, trait: number, which: number): Value =>
  amount(plan.seed, trait * 8 + which, plan.numbers);

function forecastValue(plan: RecordPlan, trait: number): Value {
  if (trait % 101 === 4) return json(null);
  if (trait === 5) return exactly(SIXTEEN_DIGITS, plan.numbers);
  if (trait === 8) return exactly(INTEGER_ABOVE_DOUBLE, plan.numbers);
  return money(plan, trait, 0);
}

/** One in 89 has none: half of these lack the key, half have null. */
function currencyMember(plan: RecordPlan, trait: number): readonly Member[] {
  if (trait % 178 === 2) return [];
  if (trait % 178 === 7) return [['currency', json(null)]];
  const code = currencyCode(trait, plan.currency);
  return [
    [
      'currency',
      object([
        ['code', json(code)],
        ['symbol', currencySymbol(code)],
      ]),
    ],
  ];
}

function updatedMembers(plan: RecordPlan, userSlot: number, week: Week, trait: number): readonly Member[] {
  if (trait % 7 === 3) {
    return [
      ['isUpdated', json(false)],
      ['updatedOn', json(null)],
    ];
  }
  const updater = trait % 3 === 0 ? MANAGER_SLOT : userSlot;
  const byName = mix(plan.seed, trait, 0x7570) % 5 < 3;
  return [
    ['isUpdated', json(true)],
    ['updatedBy', quoted(byName ? displayName(updater) : [personNumber(updater)])],
    ['updatedOn', instantIn(week, trait * 8 + 5)],
  ];
}

/** Epoch milliseconds within the week: its first five digits stand, the others are drawn (28 hours' worth). */
function instantIn(week: Week, salt: number): Value {
  const leading = Math.floor(week.start / 100_000_000) + 1;
  return [String(leading), { kind: 'digits', salt: salt * 2, width: 8, lastNonZero: false }];
}

/** The entries of one block of owners, in the flat form. */
export function* flatEntries(plan: RecordPlan): Generator<readonly Member[]> {
  for (let slot = 0; slot < USERS_PER_BLOCK; slot += 1) {
    for (let index = 0; index < plan.shape.entriesPerUser; index += 1) {
      yield flatEntry(plan, slot, slot * plan.shape.entriesPerUser + index);
    }
  }
}

function flatEntry(plan: RecordPlan, ownerSlot: number, trait: number): readonly Member[] {
  const members: Member[] = [
    ['ownerName', quoted(displayName(ownerSlot))],
    ['ownerEmail', quoted(flatEmail(ownerSlot, trait))],
    ['forecastAmount', forecastValue(plan, trait)],
  ];
  if (trait % 97 !== 6) members.push(['quotaAmount', money(plan, trait, 1)]);
  members.push(
    ['crmTotal', money(plan, trait, 3)],
    ['crmClosed', money(plan, trait, 4)],
    ['adjustmentAmount', money(plan, trait, 2)],
    ['timePeriod', json(plan.quarter.timePeriodId)],
  );
  if (trait % 178 === 7) members.push(['currency', json(null)]);
  else if (trait % 178 !== 2) members.push(['currency', json(currencyCode(trait, plan.currency))]);
  return members;
}

/** The same owner in capitals now and then: a pseudonym must not differ by it. */
const flatEmail = (ownerSlot: number, trait: number): ReturnType<typeof email> =>
  trait % 23 === 1 ? email(ownerSlot, true) : email(ownerSlot);
