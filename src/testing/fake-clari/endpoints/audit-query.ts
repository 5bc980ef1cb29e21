import type { AuditFilter, SessionType } from '../data/audit-filter.js';
import { sessionTypes } from '../data/audit-filter.js';
import type { Answer } from '../exchange.js';
import { isoDate, isoDateTime } from './iso-time.js';

const RETENTION_MS = 30 * 24 * 60 * 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Fields of a body or parameters of an address; null and undefined: not given. */
export type Given = Readonly<Record<string, unknown>>;

interface AuditFault {
  readonly target: string;
  readonly message: string;
}

/** Everything that is wrong at once, in the envelope of the audit endpoints. */
export const auditErrors = (faults: readonly AuditFault[]): Answer => ({
  kind: 'json',
  status: 400,
  body: { errors: faults.map((fault) => ({ code: 'invalid_parameter', status: 400, ...fault })) },
});

/** Reads fields one by one and notes what is wrong with them. */
export class GivenFields {
  readonly faults: AuditFault[] = [];

  constructor(private readonly given: Given) {}

  /** What `parse` makes of a field; null where it is not given or wrong, which is when `parse` gives undefined. */
  read<T>(target: string, rule: string, parse: (value: unknown) => T | undefined): T | null {
    const value = this.given[target] ?? null;
    if (value === null) return null;
    const parsed = parse(value);
    if (parsed === undefined) this.faults.push({ target, message: `${target} must be ${rule}` });
    return parsed ?? null;
  }
}

/** An int64 as its digits: a number in a body, text in an address. */
function integer(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^-?\d{1,19}$/.test(text) ? text : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const sessionType = (value: unknown): SessionType | undefined => sessionTypes.find((type) => type === value);

/** A day alone counts from its first moment as the beginning, and to its last one as the end. */
const edge =
  (of: 'from' | 'to') =>
  (value: unknown): number | undefined =>
    isoDateTime(value)?.time ?? isoDate(value)?.[of];

/** Of what is asked for, what is not older than thirty days: the rest is gone for good. */
export function auditFilter(fields: GivenFields, now: number): AuditFilter {
  const dateRule = 'a date, or a date with a time and an offset';
  const dateFrom = fields.read('dateFrom', dateRule, edge('from'));
  const dateTo = fields.read('dateTo', dateRule, edge('to'));
  if (dateFrom !== null && dateTo !== null && dateTo < dateFrom) {
    fields.faults.push({ target: 'dateTo', message: 'dateTo must not be before dateFrom' });
  }
  const uuid = (value: unknown): string | undefined =>
    typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined;
  return {
    from: Math.max(dateFrom ?? 0, now - RETENTION_MS),
    to: Math.min(dateTo ?? now, now),
    actorId: fields.read('actorId', 'a whole number', integer),
    impersonatingActorId: fields.read('impersonatingActorId', 'a whole number', integer),
    sessionId: fields.read('sessionId', 'a UUID', uuid),
    sessionType: fields.read('sessionType', `one of ${sessionTypes.join(', ')}`, sessionType),
    event: fields.read('event', 'the name of one event', text),
  };
}
