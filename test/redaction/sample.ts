import { generator } from './random-document.js';
import type { Source } from './oracle.js';

const names = [
  'Noor Haddad',
  'Ünal "Q" Öz',
  'back\\slash',
  '},{"userId":"9"',
  '{}],[',
  '山田 太郎',
  '😀 Emoji',
  'e\u0301lan NFD',
  'élan NFD',
  '  padded  ',
  'O\u2019Brien',
  'tab\there',
  '',
];

export interface Sample {
  readonly entries: Source[];
  readonly users: Source[];
  readonly fields: Source[];
  readonly timePeriods: Source[];
  readonly timeFrames: Source[];
}

/** A five-list file with sparse fields, nulls, nasty names and users that share one. The same for the same seed. */
export function sample(seed: number, entries = 400, users = 40): Sample {
  const random = generator(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const userId = (at: number): string => `${40_000 + at}:00EEX${String(at).padStart(10, '0')}AAA`;
  const name = (at: number): string =>
    `${names[at % names.length] ?? ''}${at < names.length ? '' : ` ${Math.floor(at / 2)}`}`;
  const by = (): unknown =>
    [name(below(users)), userId(below(users)), String(40_000 + below(users)), '', null, '99'][below(6)];
  const sometimes = (chance: number, fields: Source): Source => (random() < chance ? fields : {});
  const amount = (): number => (below(2) === 0 ? 1 : -1) * (below(2e8) / 100);
  return {
    entries: Array.from({ length: entries }, (_, at) => ({
      timePeriodId: '2027_Q2',
      timeFrameId: `TF:2026-10-${String(1 + (at % 28)).padStart(2, '0')}`,
      userId: userId(below(users)),
      fieldId: `fc_${below(5)}`,
      forecastValue: random() < 0.1 ? null : amount(),
      ...sometimes(0.7, { quotaValue: below(9000) * 500 }),
      ...sometimes(0.3, { adjustmentValue: amount(), adjustedBy: by(), adjustedOn: 1_792_050_000_000 + at }),
      ...sometimes(0.2, { aggregationTotal: amount(), crmTotal: amount(), crmClosed: 0 }),
      ...sometimes(0.9, { currency: [{ code: 'USD', symbol: '$' }, null, { code: 'EUR', symbol: '€' }, {}][below(4)] }),
      ...sometimes(0.8, { isUpdated: random() < 0.5, updatedBy: by(), updatedOn: 1_791_970_000_000 + at * 1000 }),
    })),
    users: Array.from({ length: users }, (_, at) => ({
      userId: userId(at),
      name: name(at),
      email: at % 3 === 0 ? ` Person.${at}@Example.COM ` : at % 11 === 0 ? '' : `person.${at}@example.com`,
      ...sometimes(0.9, { crmId: `005EX${at}` }),
      hierarchyId: `00E${at}`,
      hierarchyName: `AE ${at % 5}`,
      ...(at === 0 ? { parentHierarchyId: null } : { parentHierarchyId: '00E0', parentHierarchyName: 'VP EMEA' }),
      scopeId:
        at % 2 === 0 ? { type: 'USER', userId: 40_000 + at } : JSON.stringify({ type: 'USER', userId: 40_000 + at }),
    })),
    fields: [
      { fieldId: 'fc_0', fieldName: 'Commit', fieldType: 'forecast' },
      { fieldId: 'fc_1', fieldName: 'Best "case"' },
    ],
    timePeriods: [
      {
        timePeriodId: '2027_Q2',
        type: 'quarter',
        label: 'Q2',
        year: '2027',
        startDate: '2026-10-01',
        endDate: '2026-12-31',
        crmId: '026',
      },
    ],
    timeFrames: [{ timeFrameId: 'TF:2026-10-01', startDate: '2026-10-01', endDate: '2026-10-07' }],
  };
}
