import { ok } from '../answers.js';
import { AuditSelection } from '../data/audit-file.js';
import type { AuditFilter } from '../data/audit-filter.js';
import { UNCUT } from '../data/cut.js';
import type { Exchange, Handler } from '../exchange.js';
import { GivenFields, auditErrors, auditFilter } from './audit-query.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** What a cursor stands for: the rest of a first page's events. Events that come later are not among them. */
interface Rest {
  readonly filter: AuditFilter;
  /** Number of the next event. */
  readonly first: number;
  /** Number of the event after the last one. */
  readonly end: number;
}

/** `GET /audit/events`: pages of events, no job. */
export const auditEvents: Handler = (exchange) => {
  const { settings } = exchange.world;
  const fields = new GivenFields(Object.fromEntries(exchange.url.searchParams));
  const limit = fields.read('limit', `a whole number from 1 to ${MAX_LIMIT}`, pageSize) ?? DEFAULT_LIMIT;
  const rest = fields.read('cursor', 'one of a nextLink', restOf);
  const filter = rest?.filter ?? auditFilter(fields, settings.now());
  if (fields.faults.length > 0) return auditErrors(fields.faults);

  const selection = new AuditSelection(settings.audit, settings.seed, filter);
  const { range } = selection;
  const { first, end } = rest ?? { first: range.first, end: range.first + range.count };
  const count = Math.min(limit, end - first);
  const lists = [...selection.lists({ first, count }, UNCUT)].map(([name, list]): [string, unknown] => [
    name,
    [...list.texts()].map((text): unknown => JSON.parse(text)),
  ]);
  const next =
    first + count < end ? { nextLink: nextLink(exchange, limit, { filter, first: first + count, end }) } : {};
  return ok({ ...next, ...Object.fromEntries(lists) });
};

function pageSize(value: unknown): number | undefined {
  const limit = /^\d{1,4}$/.test(String(value)) ? Number(value) : 0;
  return limit >= 1 && limit <= MAX_LIMIT ? limit : undefined;
}

/** At the host that the client asked, which may be a proxy's. */
function nextLink({ request, url }: Exchange, limit: number, rest: Rest): string {
  const cursor = Buffer.from(JSON.stringify(rest)).toString('base64url');
  return `http://${request.headers.host ?? ''}${url.pathname}?limit=${limit}&cursor=${cursor}`;
}

function restOf(cursor: unknown): Rest | undefined {
  try {
    const rest = JSON.parse(Buffer.from(String(cursor), 'base64url').toString('utf8')) as Rest;
    const isWhole = [rest.first, rest.end, rest.filter.from, rest.filter.to].every(Number.isSafeInteger);
    return isWhole && rest.first <= rest.end ? rest : undefined;
  } catch {
    return undefined;
  }
}
