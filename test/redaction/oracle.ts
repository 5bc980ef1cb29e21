import { createHash, createHmac } from 'node:crypto';
import type { Cells } from './support.js';
import { testKeyBytes } from './support.js';

/** The policies once more, in plain JavaScript over JSON.parse: what the real thing is compared with. */

export type Source = Record<string, unknown>;
type Text = string | null;

export function text(value: unknown): Text {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function pseudonym(domain: 'email' | 'name' | 'id', value: unknown): Text {
  const raw = text(value);
  if (raw === null) return null;
  const normalised =
    domain === 'id' ? raw : domain === 'name' ? raw.trim().normalize('NFC') : raw.trim().toLowerCase().normalize('NFC');
  if (normalised === '') return null;
  return createHmac('sha256', testKeyBytes).update(`${domain}\0${normalised}`).digest('hex').slice(0, 32);
}

const sha256 = (value: string): string => createHash('sha256').update(value, 'utf8').digest('hex');
export const briefEmail = (value: unknown): Text =>
  typeof value === 'string' ? `${sha256(value).slice(0, 12)}@redacted` : null;
export const briefName = (value: unknown): Text =>
  typeof value === 'string' ? `Rep-${sha256(value).slice(0, 6)}` : null;

/** Decimal text of billionths. */
export function money(value: unknown): Text {
  const raw = text(value);
  if (raw === null) return null;
  const [whole = '', fraction = ''] = raw.split('.');
  return `${whole}.${fraction.padEnd(9, '0')}`;
}

/** Nearest thousand, halves away from zero; for numbers of the tests' size. */
export function coarse(value: unknown): Text {
  if (typeof value !== 'number') return null;
  const rounded = Math.sign(value) * Math.floor((Math.abs(value) + 500) / 1000) * 1000;
  return `${rounded === 0 ? 0 : rounded}.000000000`;
}

const instant = (value: unknown): Text =>
  typeof value === 'number'
    ? new Date(value)
        .toISOString()
        .replace('T', ' ')
        .replace(/(\.\d*?)0*Z$/, '$1')
        .replace(/\.$/, '')
    : null;

const member = (value: unknown, name: 'code' | 'symbol'): Text => {
  if (typeof value === 'string') return name === 'code' ? value : null;
  return typeof value === 'object' && value !== null ? text((value as Source)[name]) : null;
};

export interface OraclePolicy {
  readonly id: (value: unknown) => Text;
  readonly by: (value: unknown) => Text;
  readonly amount: (value: unknown) => Text;
  readonly name: (value: unknown) => Text;
  readonly email: (value: unknown) => Text;
  readonly scope: (value: unknown) => Text;
}

export const oracleKeyed: OraclePolicy = {
  id: (value) => pseudonym('id', value),
  by: (value) => pseudonym('id', value),
  amount: coarse,
  name: () => null,
  email: (value) => pseudonym('email', value),
  scope: () => null,
};

export const oracleProduction = (users: readonly Source[]): OraclePolicy => {
  const known = new Set(users.flatMap(({ userId }) => [text(userId), (text(userId) ?? '').split(':')[0] ?? null]));
  return {
    id: text,
    by: (value) => (known.has(text(value)) ? text(value) : null),
    amount: money,
    name: text,
    email: text,
    scope: text,
  };
};

export const oracleBrief: OraclePolicy = {
  id: text,
  by: text,
  amount: money,
  name: briefName,
  email: briefEmail,
  scope: text,
};

export function oracleEntry(entry: Source, policy: OraclePolicy): Cells {
  return {
    time_period_id: text(entry['timePeriodId']),
    time_frame_id: text(entry['timeFrameId']),
    user_id: policy.id(entry['userId']),
    field_id: text(entry['fieldId']),
    owner_name: null,
    owner_email: null,
    forecast_value: policy.amount(entry['forecastValue']),
    quota_value: policy.amount(entry['quotaValue']),
    adjustment_value: policy.amount(entry['adjustmentValue']),
    aggregation_total: policy.amount(entry['aggregationTotal']),
    crm_total: policy.amount(entry['crmTotal']),
    crm_closed: policy.amount(entry['crmClosed']),
    currency_code: member(entry['currency'], 'code'),
    currency_symbol: member(entry['currency'], 'symbol'),
    is_updated: (entry['isUpdated'] as boolean | undefined | null) ?? null,
    updated_by: policy.by(entry['updatedBy']),
    updated_on: instant(entry['updatedOn']),
    adjusted_by: policy.by(entry['adjustedBy']),
    adjusted_on: instant(entry['adjustedOn']),
    extra: null,
  };
}

export function oracleUser(user: Source, policy: OraclePolicy): Cells {
  return {
    user_id: policy.id(user['userId']),
    name: policy.name(user['name']),
    email: policy.email(user['email']),
    crm_id: policy.id(user['crmId']),
    hierarchy_id: text(user['hierarchyId']),
    hierarchy_name: text(user['hierarchyName']),
    parent_hierarchy_id: text(user['parentHierarchyId']),
    parent_hierarchy_name: text(user['parentHierarchyName']),
    scope_id: policy.scope(user['scopeId']),
    extra: null,
  };
}
