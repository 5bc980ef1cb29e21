import type { ExportType } from '../../../model/request.js';
import { USERS_PER_BLOCK } from './block-template.js';
import type { Quarter, Week } from './calendar.js';
import { unordered, weeks } from './calendar.js';
import type { Entry, RecordPlan } from './entries.js';
import { QUOTA_FIELD, currencyOf, entriesOfUser, isAdjusted, isUpdated, moneyOf } from './entries.js';
import type { Money } from './money.js';
import { currencySymbol, moneyNumber } from './money.js';
import { MANAGER_SLOT, displayName, email, personNumber, userId } from './people.js';
import type { Member, Value } from './pieces.js';
import { json, object, quoted } from './pieces.js';
import { mix } from './random.js';
import type { ForecastShape } from './shape.js';

const FIELDS = [
  { fieldId: 'fc_commit', fieldName: 'Commit', fieldType: 'forecast' },
  { fieldId: 'fc_best_case', fieldName: 'Best Case', fieldType: 'forecast' },
  { fieldId: 'fc_upside', fieldName: 'Upside / "Stretch"', fieldType: 'forecast' },
  { fieldId: 'quota_total', fieldName: 'Quota', fieldType: 'quota' },
] as const;

const fieldId = (index: number): string => FIELDS[index]?.fieldId ?? `fc_custom_${index}`;
export const fieldName = (index: number): string => FIELDS[index]?.fieldName ?? `Custom ${index}`;

export function fieldMembers(shape: ForecastShape): readonly (readonly Member[])[] {
  return Array.from({ length: shape.fields }, (_, index): readonly Member[] => [
    ['fieldId', json(fieldId(index))],
    ['fieldName', json(fieldName(index))],
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

/** The entries of one block of users. */
export function* fiveListEntries(plan: RecordPlan): Generator<readonly Member[]> {
  for (let slot = 0; slot < USERS_PER_BLOCK; slot += 1) {
    for (const entry of entriesOfUser(plan, slot)) yield fiveListEntry(plan, entry);
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
  const money = (type: ExportType, key: string): readonly Member[] =>
    types.has(type) ? moneyMember(plan, key, moneyOf(plan, type, trait)) : [];
  const isQuota = field === QUOTA_FIELD;
  if (!isQuota) members.push(...money('forecast', 'forecastValue'));
  if (MONEY_TYPES.some((type) => types.has(type))) members.push(...currencyMember(plan, trait));
  if (types.has('forecast_updated') && !isQuota) members.push(...updatedMembers(plan, userSlot, week, trait));
  members.push(...money('quota', 'quotaValue'));
  if (isQuota) return members;
  const adjustment = isAdjusted(trait) ? money('adjustment', 'adjustmentValue') : [];
  members.push(...adjustment);
  if (adjustment.length > 0) {
    members.push(['adjustedBy', quoted([personNumber(MANAGER_SLOT)])], ['adjustedOn', instantIn(week, trait * 8 + 6)]);
  }
  members.push(...money('crm_total', 'aggregationTotal'), ...money('crm_closed', 'crmClosed'));
  return members;
}

const moneyMember = (plan: RecordPlan, key: string, money: Money | null | undefined): readonly Member[] =>
  money === undefined ? [] : [[key, money === null ? json(null) : moneyNumber(plan.seed, money, plan.numbers)]];

function currencyMember(plan: RecordPlan, trait: number): readonly Member[] {
  const code = currencyOf(plan, trait);
  if (code === undefined) return [];
  if (code === null) return [['currency', json(null)]];
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
  if (!isUpdated(trait)) {
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
  const money = (key: string, type: ExportType): readonly Member[] =>
    plan.types.has(type) ? moneyMember(plan, key, moneyOf(plan, type, trait)) : [];
  const members: Member[] = [
    ['ownerName', quoted(displayName(ownerSlot))],
    ['ownerEmail', quoted(flatEmail(ownerSlot, trait))],
    ...money('forecastAmount', 'forecast'),
    ...money('quotaAmount', 'quota'),
    ...money('crmTotal', 'crm_total'),
    ...money('crmClosed', 'crm_closed'),
    ...money('adjustmentAmount', 'adjustment'),
    ['timePeriod', json(plan.quarter.timePeriodId)],
  ];
  const code = currencyOf(plan, trait);
  return code === undefined ? members : [...members, ['currency', json(code)]];
}

/** The same owner in capitals now and then: a pseudonym must not differ by it. */
const flatEmail = (ownerSlot: number, trait: number): ReturnType<typeof email> =>
  trait % 23 === 1 ? email(ownerSlot, true) : email(ownerSlot);
