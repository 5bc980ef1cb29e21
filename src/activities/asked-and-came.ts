import { ExportError } from '../model/export-error.js';
import { typesAsked } from '../model/request.js';
import type { StoreExportInput } from '../model/steps.js';

/** What was asked for, compared with what came. */

type Compared = Pick<StoreExportInput, 'request' | 'redacted'>;

/** @throws ExportError `WrongTimePeriod`, `WrongCurrency` */
export function checkWhatCame(compared: Compared): void {
  checkPeriod(compared);
  checkPartsPeriod(compared);
  checkCurrency(compared);
}

/** Clari falls back to its current quarter in silence when it does not like the one it was asked for. */
function checkPeriod({ request, redacted }: Compared): void {
  const { timePeriod } = request;
  const others = redacted.timePeriods.filter((period) => period !== timePeriod);
  if (timePeriod !== null && others.length > 0) {
    throw new ExportError(
      'WrongTimePeriod',
      `${timePeriod} was asked for, the file holds ${redacted.timePeriods.join(', ')}.`,
    );
  }
}

/** Where none was asked for, a quarter may end between the first part's job and the last one's. */
function checkPartsPeriod({ redacted: { parts = [] } }: Compared): void {
  const named = new Set(parts.flatMap(({ timePeriods }) => (timePeriods.length > 0 ? [timePeriods.join(', ')] : [])));
  if (named.size > 1) {
    throw new ExportError('WrongTimePeriod', `The types came of different quarters: ${[...named].join(' and ')}.`);
  }
}

/** Clari converts amounts to the currency that it is asked for: one in another currency was not converted. */
function checkCurrency({ request, redacted }: Compared): void {
  const { currency } = request;
  const others = redacted.currencies.filter((one) => one.toUpperCase() !== currency);
  if (currency !== null && others.length > 0) {
    throw new ExportError(
      'WrongCurrency',
      `${currency} was asked for, the file holds amounts in ${others.join(', ')}.`,
    );
  }
}

/** Types of which the file has no value: whether there is none at Clari, nothing tells. */
function typesMissing({ request, redacted }: Compared): string[] {
  return typesAsked(request).filter((type) => type !== 'forecast_updated' && !redacted.typesSeen.includes(type));
}

/** Weeks that the file names; none in a flat one. That it names one does not tell whether it has entries of it. */
function weeksIn({ redacted }: Compared): number {
  return redacted.tables.find(({ table }) => table === 'forecast_time_frames')?.rows ?? 0;
}

/** What came otherwise than asked for, without being wrong. */
export function remarks(compared: Compared): string[] {
  const { request, redacted } = compared;
  const missing = request.typesToExport === null ? [] : typesMissing(compared);
  const entries = redacted.tables.find(({ table }) => table === 'forecast_entries');
  const weeks = weeksIn(compared);
  return [
    ...(!request.includeHistorical && weeks > 1
      ? [`The current week alone was asked for, and the file names ${weeks}.`]
      : []),
    ...(missing.length > 0 ? [`No value came of the types ${missing.join(', ')}.`] : []),
    ...(entries?.rows === 0
      ? ['The export has no entries: nothing submitted, or nothing that the token’s user may see.']
      : []),
  ];
}

/** What Clari gives no means to prove. */
export function unproven(compared: Compared & Pick<StoreExportInput, 'downloads'>): string[] {
  const { request, redacted, downloads } = compared;
  // Who asks for all types asks for those that the forecast does not use, too.
  const missing = request.typesToExport === null ? typesMissing(compared) : [];
  return [
    ...(missing.length > 0 ? [`types: no value came of ${missing.join(', ')}`] : []),
    request.scopeId === null
      ? 'scope: that the token’s user sees the whole hierarchy'
      : 'scope: the file does not name it',
    ...(request.timePeriod !== null && redacted.timePeriods.length === 0 ? ['time period: the file names none'] : []),
    ...(request.currency !== null && redacted.currencies.length === 0 ? ['currency: the file names none'] : []),
    ...weeksUnproven(compared),
    ...(downloads.every(({ lengthProven }) => lengthProven)
      ? []
      : ['length: Clari sent none; the file’s own structure is whole']),
  ];
}

/** A quarter has one week when it begins, and which it is depends on the tenant's calendar. */
function weeksUnproven(compared: Compared): string[] {
  const weeks = weeksIn(compared);
  if (weeks === 0) return ['weeks: the file names none'];
  return compared.request.includeHistorical && weeks === 1
    ? ['weeks: one came, which is the whole history in a quarter’s first week alone']
    : [];
}
