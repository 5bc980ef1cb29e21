import type { Cut } from './cut.js';
import type { Lists } from './export-file.js';
import { jsonList } from './json-list.js';
import type { Member, Piece, Value } from './pieces.js';
import { compactArray, json, object, quoted } from './pieces.js';
import type { Staff } from './staff.js';
import { staff } from './staff.js';
import type { Stream, Window } from './stream.js';
import { keptRange, streamSeeds } from './stream.js';

export const activityTypes = [
  'MEETING',
  'EMAIL_SENT',
  'EMAIL_RECEIVED',
  'ATTACHMENT_SENT',
  'ATTACHMENT_RECEIVED',
] as const;

export type ActivityType = (typeof activityTypes)[number];

/** Which activities a file holds. */
export interface ActivityFilter extends Window {
  /** Null: all. */
  readonly activityTypes: readonly ActivityType[] | null;
}

const SLOTS = 100;

export const activityStream = (perDay: number): Stream => ({ name: 'activities', perDay, slots: SLOTS });

const typeOf = (slot: number): ActivityType => activityTypes[(slot * 3 + Math.floor(slot / 10)) % 5] ?? 'MEETING';

const keptSlots = (types: ActivityFilter['activityTypes']): readonly number[] =>
  Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => types === null || types.includes(typeOf(slot)));

/** Activities in a window, before anything is cut off. */
export const activityCount = (perDay: number, filter: ActivityFilter): number =>
  keptRange(activityStream(perDay), filter, keptSlots(filter.activityTypes)).count;

export function activityLists(perDay: number, seed: number, filter: ActivityFilter, cut: Cut): Lists {
  const stream = activityStream(perDay);
  const kept = keptSlots(filter.activityTypes);
  const { first, count } = keptRange(stream, filter, kept);
  const people = staff(seed);
  const block = kept.map((slot) => activity(people, slot, cut.cells && slot % 3 === 2));
  const range = { first, count: Math.min(count, cut.rows) };
  return new Map([['activities', jsonList(block, range, streamSeeds(stream, seed))]]);
}

const SUBJECTS: readonly string[] = [
  'Renewal sync',
  'Re: "Q2" numbers },{',
  '🚀 kick-off\nwith the board',
  'Fwd: price list, 2 pages',
  'Überraschung \\ plan B',
];
const COMPANIES = ['Fjord Freight', 'Åland Møbler', 'O’Neill & Sons "Steel"', '桜 Logistics', 'Quarz, Ltd.'];
const FIRST_NAMES = ['Ines', 'João', 'Şule', '健', 'Mary-Ann', 'Œnone'];

/** `cut`: without what a tenant's limit on cells takes away. */
function activity(people: readonly Staff[], slot: number, cut: boolean): readonly Member[] {
  const owner = person(people, slot);
  // A time stamp as text now and then, as in Clari's own example.
  const moment: Piece = { kind: 'moment', slot, form: 'milliseconds' };
  return [
    ['activityId', quoted(activityId(slot))],
    ['activityType', json(typeOf(slot))],
    ...(cut ? [] : [['subject', subject(slot)] as const]),
    ['date', slot % 7 === 3 ? ['"', moment, '"'] : [moment]],
    ['activityOwnerId', json(owner.crmId)],
    ['activityOrganiserId', json(person(people, slot + (slot % 2)).crmId)],
    ['accounts', compactArray(accounts(owner, slot))],
    ['opportunities', compactArray(opportunities(owner, slot))],
    ['participants', compactArray(cut ? [] : participants(people, slot))],
  ];
}

const person = (people: readonly Staff[], index: number): Staff => {
  const found = people[index % people.length];
  if (found === undefined) throw new RangeError('there are no people');
  return found;
};

const digits = (slot: number, which: number, width: number): Piece => ({
  kind: 'digits',
  salt: slot * 8 + which,
  width,
  lastNonZero: false,
});

/** Thirty-two hex digits, of which number of block and slot make it unique. */
const activityId = (slot: number): readonly Piece[] => [
  'ac',
  digits(slot, 0, 9),
  digits(slot, 1, 9),
  { kind: 'block' },
  String(slot).padStart(3, '0'),
];

function subject(slot: number): Value {
  if (slot === 13) return json(null);
  return slot === 37 ? json('') : quoted([`${SUBJECTS[slot % SUBJECTS.length] ?? ''} `, digits(slot, 2, 6)]);
}

const company = (slot: number): string => COMPANIES[slot % COMPANIES.length] ?? '';

function accounts({ crmId }: Staff, slot: number): readonly Value[] {
  const count = slot % 6 === 5 ? 0 : slot % 11 === 4 ? 2 : 1;
  return Array.from({ length: count }, (_, index) =>
    object([
      ['accountId', quoted(['001EX00', digits(slot + index, 3, 8), 'AAA'])],
      ['accountName', json(company(slot + index))],
      ['accountOwnerId', json(crmId)],
    ]),
  );
}

function opportunities({ crmId }: Staff, slot: number): readonly Value[] {
  if (slot % 4 === 3) return [];
  return [
    object([
      ['opportunityId', quoted(['006EX00', digits(slot, 4, 8), 'AAA'])],
      ['opportunityName', quoted([`${company(slot)} FY27 `, digits(slot, 5, 4)])],
      ['opportunityOwnerId', json(crmId)],
    ]),
  ];
}

function participants(people: readonly Staff[], slot: number): readonly Value[] {
  const inside = Array.from({ length: 1 + (slot % 2) }, (_, index) => person(people, slot + index * 5));
  const outside = Array.from({ length: slot % 3 }, (_, index) => slot + index * 50);
  return [...inside.map(insider), ...outside.map(outsider)];
}

const insider = ({ name, email, crmId }: Staff): Value =>
  object([
    ['name', json(name)],
    ['email', json(email)],
    ['sfdcUserId', json(crmId)],
    ['isInternal', json(true)],
  ]);

/** Another one in each block; now and then with an e-mail in capitals. */
function outsider(who: number): Value {
  const capitals = who % 9 === 4;
  const company = who % 2 === 0 ? '@fjord.example' : '@moebler.example';
  return object([
    [
      'name',
      quoted([`${FIRST_NAMES[who % FIRST_NAMES.length] ?? ''} `, { kind: 'surname', slot: who, letters: 'capital' }]),
    ],
    [
      'email',
      quoted([
        { kind: 'surname', slot: who, letters: capitals ? 'upper' : 'lower' },
        '.',
        { kind: 'person', slot: who },
        capitals ? company.toUpperCase() : company,
      ]),
    ],
    ['sfdcUserId', json('')],
    ['isInternal', json(false)],
  ]);
}
