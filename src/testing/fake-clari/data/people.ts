import type { Member, Piece, Value } from './pieces.js';
import { json, object, quoted } from './pieces.js';

/** Two in a hundred users bear this name. */
const SHARED_NAME = 'Alex Morgan';

const FIRST_NAMES = [
  'Noor',
  'Tomas',
  'Zoë',
  'Łukasz',
  'Søren',
  'Ana María',
  '美咲',
  'Дмитрий',
  'Chloé',
  'Ines',
  'Aoife',
];

type NameForm = (first: string, surname: Piece) => readonly Piece[];

/** Forms that a splitter or a regular expression trips over; the first two matter most, since the smallest file has them. */
const NAME_FORMS: readonly NameForm[] = [
  (first, surname) => [`${first} 🚀 `, surname],
  (first, surname) => [`${first} },{"userId":"x" `, surname],
  (first, surname) => [`${first} `, surname],
  (first, surname) => [`${first} "Ace" `, surname],
  (first, surname) => [`${first} `, surname, ' 👩‍💻'],
  (first, surname) => [`${first} \\ `, surname, '\\'],
  (first, surname) => [`{${first}} [`, surname, '],['],
  (first, surname) => [`${first} d’`, surname, ' Ünlü'],
  (first, surname) => [`${first} O'`, surname],
  (first, surname) => [`Dr. ${first} `, surname, ', Jr.'],
];

/** Who stands behind a user of a block: the third user (and every fiftieth from there) is the one before it in another role. */
export const personOf = (slot: number): number => (slot % 50 === 2 ? slot - 1 : slot);

/** The first user of each block leads it. */
export const MANAGER_SLOT = 0;

export function displayName(slot: number): readonly Piece[] {
  const person = personOf(slot);
  if (person === 4 || person === 8) return [SHARED_NAME];
  const first = FIRST_NAMES[person % FIRST_NAMES.length] ?? '';
  const form = NAME_FORMS[person % NAME_FORMS.length];
  return form === undefined ? [] : form(first, { kind: 'surname', slot: person, letters: 'capital' });
}

/** The second role of a person, and some others, have it in another spelling of capitals. */
export function email(slot: number, upperCase = personOf(slot) !== slot): readonly Piece[] {
  const person = personOf(slot);
  const domain = person % 4 === 3 ? 'example.org' : 'example.com';
  const mixed = person % 9 === 6;
  return [
    { kind: 'surname', slot: person, letters: upperCase ? 'upper' : mixed ? 'capital' : 'lower' },
    '.',
    personNumber(slot),
    `@${upperCase ? domain.toUpperCase() : mixed ? domain.replace('e', 'E') : domain}`,
  ];
}

export const personNumber = (slot: number): Piece => ({ kind: 'person', slot: personOf(slot) });
const roleId = (slot: number): readonly Piece[] => ['00EEX00', { kind: 'person', slot }, 'AAA'];
export const userId = (slot: number): readonly Piece[] => [personNumber(slot), ':', ...roleId(slot)];

function scopeId(slot: number): Value {
  const userType = slot === MANAGER_SLOT ? 'MGR' : 'REP';
  // Other clients have met both forms.
  if (slot % 10 === 3) {
    return object([
      ['type', json('USER')],
      ['userId', [personNumber(slot)]],
      ['userType', json(userType)],
    ]);
  }
  return quoted(['{"type":"USER","userId":', personNumber(slot), `,"userType":"${userType}"}`]);
}

/** One of the roles takes two lines. */
export const roleName = (slot: number): string =>
  slot === MANAGER_SLOT ? 'VP "North" & South' : `AE${slot % 7 === 1 ? '\n' : ' '}Région ${slot % 7}`;
export const crmId = (slot: number): readonly Piece[] => ['005EX00', personNumber(slot), 'AAA'];

export function userMembers(slot: number): readonly Member[] {
  const top = slot === MANAGER_SLOT;
  return [
    ['userId', quoted(userId(slot))],
    ['name', quoted(displayName(slot))],
    ['email', quoted(email(slot))],
    ['crmId', quoted(crmId(slot))],
    ['hierarchyId', quoted(roleId(slot))],
    ['hierarchyName', json(roleName(slot))],
    ['parentHierarchyId', top ? json(null) : quoted(roleId(MANAGER_SLOT))],
    ['parentHierarchyName', json(top ? null : roleName(MANAGER_SLOT))],
    ['scopeId', scopeId(slot)],
  ];
}
