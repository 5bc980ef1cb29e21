import type { SessionType } from './audit-filter.js';
import type { Member, Piece, Value } from './pieces.js';
import { compactArray, json, object, quoted } from './pieces.js';
import type { Staff } from './staff.js';
import { mix } from './random.js';
import { staff } from './staff.js';

export const AUDIT_SLOTS = 120;
const EVENTS_PER_SESSION = 6;

/** In what form a tenant tells the time of an event. `epoch`: `{epochSecond, nano}`. */
export type EventTime = 'iso' | 'epoch';

export interface Actor {
  readonly actorType: 'USER' | 'SYSTEM' | 'JOB';
  readonly actorId: string;
  readonly name: string;
  readonly email: string | null;
}

/** What is the same in each block of the stream of events, slot by slot. */
export interface AuditSlot {
  readonly slot: number;
  readonly actor: Actor;
  readonly impersonating: Actor | undefined;
  readonly session: number;
  readonly sessionType: SessionType;
  readonly event: string;
  readonly parameters: Value;
}

/** Every session of a block is of another one of them. */
export function actors(seed: number): readonly Actor[] {
  return [
    ...staff(seed).map(({ number, name, email }): Actor => ({ actorType: 'USER', actorId: number, name, email })),
    { actorType: 'SYSTEM', actorId: '0', name: 'Automation of Clari', email: null },
    { actorType: 'JOB', actorId: '1', name: 'Nightly job of Clari', email: '' },
  ];
}

export function auditSlots(seed: number): readonly AuditSlot[] {
  const all = actors(seed);
  const people = staff(seed);
  return Array.from({ length: AUDIT_SLOTS }, (_, slot): AuditSlot => {
    const session = Math.floor(slot / EVENTS_PER_SESSION);
    const actor = all[session % all.length];
    const other = people[(slot * 5) % people.length];
    if (actor === undefined || other === undefined) throw new RangeError('there are no actors');
    const [event, parameters] = kindOf(slot % EVENTS_PER_SESSION, other);
    // Clari's support, as somebody else.
    const impersonating = session % 10 === 5 ? all[0] : undefined;
    return { slot, actor, impersonating, session, sessionType: sessionType(session), event, parameters };
  });
}

const sessionType = (session: number): SessionType =>
  session % 5 === 2 ? 'IOS' : session % 5 === 4 ? 'ANDROID' : 'WEB';

function kindOf(kind: number, other: Staff): readonly [event: string, parameters: Value] {
  switch (kind) {
    case 0:
      return ['user.login', object([['userAgent', json('Mozilla/5.0 (X11; "fake")')]])];
    case 1: {
      const call = object([
        ['method', json('GET')],
        ['path', json('/v4/export/jobs')],
        ['status', json(200)],
      ]);
      return ['api.accessed', call];
    }
    case 2: {
      const submission = object([
        ['forecastId', json('emea_bookings')],
        ['submittedFor', json(other.name)],
      ]);
      return ['forecast.submitted', submission];
    }
    case 3:
      return ['export.sent', object([['recipients', compactArray([json(other.email)])]])];
    case 4: {
      const setting = object([
        ['old', json(null)],
        ['new', object([['startMonth', json(7)]])],
      ]);
      return ['settings.changed', object([['fiscalYear', setting]])];
    }
    default: {
      const note = `For ${other.name},\n"as agreed"`;
      return [
        'report.shared',
        object([
          ['with', json(other.email)],
          ['note', json(note)],
        ]),
      ];
    }
  }
}

const digits = (salt: number, width: number): Piece => ({ kind: 'digits', salt, width, lastNonZero: false });

const ID_DIGITS = 8;

/** Drawn digits, then where its events are: `48210394-0007-4000-8000-`, number of the block, number of the session. */
const sessionId = (session: number): readonly Piece[] => [
  digits(session, ID_DIGITS),
  `-${String(session).padStart(4, '0')}-4000-8000-`,
  { kind: 'block' },
  String(session).padStart(3, '0'),
];

/** Block and session of an id; undefined for one that was never given out. `fileSeed`: of the stream. */
export function sessionOf(
  id: string,
  fileSeed: number,
): { readonly block: number; readonly session: number } | undefined {
  const match = /^(\d{8})-(\d{4})-4000-8000-(\d{9})(\d{3})$/.exec(id);
  if (match === null) return undefined;
  const [block, session] = [Number(match[3]), Number(match[4])];
  const drawn = mix(fileSeed, block, session) % 10 ** ID_DIGITS;
  return Number(match[1]) === drawn && Number(match[2]) === session ? { block, session } : undefined;
}

function ipAddress({ session, actor }: AuditSlot): readonly Piece[] {
  if (actor.actorType !== 'USER') return ['10.0.0.1'];
  const salt = 1000 + session;
  if (session % 4 === 3) return ['2001:db8:0:', digits(salt, 3), '::1'];
  // From 100 to 199.
  return [`${session % 2 === 0 ? '203.0.113' : '198.51.100'}.1`, digits(salt, 2)];
}

function eventTimestamp(slot: number, form: EventTime): Value {
  if (form === 'iso') return ['"', { kind: 'moment', slot, form: 'iso' }, '"'];
  return object([
    ['epochSecond', [{ kind: 'moment', slot, form: 'seconds' }]],
    ['nano', [{ kind: 'moment', slot, form: 'nanoseconds' }]],
  ]);
}

/** `cut`: without what a tenant's limit on cells takes away. */
export function eventMembers(of: AuditSlot, time: EventTime, cut: boolean): readonly Member[] {
  const { slot, actor, impersonating, session } = of;
  const impersonatingMember: readonly Member[] =
    impersonating === undefined
      ? session % 2 === 0
        ? [['impersonatingActorId', json(null)]]
        : []
      : [['impersonatingActorId', json(impersonating.actorId)]];
  return [
    ...(slot % 11 === 6 ? [] : [['correlationID', quoted(['c-', digits(2000 + slot, 8)])] as const]),
    ['actorId', json(actor.actorId)],
    ...impersonatingMember,
    ['actorType', json(actor.actorType)],
    ['sessionId', quoted(sessionId(session))],
    ['ipAddress', quoted(ipAddress(of))],
    ['sessionType', json(of.sessionType)],
    ['event', json(of.event)],
    ['eventParameters', cut ? ['{}'] : of.parameters],
    ['eventTimestamp', eventTimestamp(slot, time)],
  ];
}

export const actorMembers = ({ actorType, actorId, name, email }: Actor): readonly Member[] => [
  ['actorType', json(actorType)],
  ['actorId', json(actorId)],
  ['name', json(name)],
  ['email', json(email)],
];
