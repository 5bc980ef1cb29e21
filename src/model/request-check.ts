import { nearest } from './nearest.js';
import type { ExportForecastRequest } from './request.js';
import { requestFields, type RequestField } from './request-fields.js';
import { findSecrets, showName } from './secret-guard.js';

export type RequestCheck =
  | { readonly outcome: 'good'; readonly request: ExportForecastRequest; readonly warnings: readonly string[] }
  /** Every fault, each naming the field, the rule and the remedy; no values. */
  | { readonly outcome: 'faulty'; readonly faults: readonly string[] }
  /** Where something that looks like a secret stands; nothing else was looked at. */
  | { readonly outcome: 'secret'; readonly places: readonly string[] };

const example = '{"forecastId":"net_arr","timePeriod":"2027_Q2"}';
const MAX_LINES = 20;
const fields: Readonly<Record<string, RequestField>> = requestFields;
/** Whoever writes one of these believes that it takes effect; ignoring it would land under another policy, or elsewhere. */
const belongsToOperator =
  /^(redaction)?(policy|environment|env|(base)?ur[il]|destination|warehouse|database|account|organi[sz]ation|org_?id)$/i;

/** All faults of an input as one text. */
export function faultySentence(faults: readonly string[]): string {
  return `${faults.length === 1 ? 'The input has a fault' : `The input has ${faults.length} faults`}. ${faults.join('. ')}.`;
}

/**
 * Checks the arguments that a workflow was started with, as typed by hand: one JSON object, every field optional but
 * `forecastId`. Plain code without zod, since it runs in the workflow sandbox.
 */
export function checkRequest(args: readonly unknown[]): RequestCheck {
  const places = args.flatMap((argument, index) =>
    findSecrets(argument, args.length === 1 ? 'input' : `argument ${index + 1}`),
  );
  if (places.length > 0) return { outcome: 'secret', places };

  const [input] = args;
  if (args.length !== 1) {
    return {
      outcome: 'faulty',
      faults: [`input: one JSON object was expected, ${args.length} arguments came; give ${example}`],
    };
  }
  if (Array.isArray(input) || typeof input !== 'object' || input === null) {
    // tctl sends null as a payload without data, which arrives as undefined.
    const isNull = input === null || input === undefined;
    const kind = Array.isArray(input) ? 'an array' : isNull ? 'null' : `a ${typeof input}`;
    return { outcome: 'faulty', faults: [`input: one JSON object was expected, ${kind} came; give ${example}`] };
  }

  const faults: string[] = [];
  const warnings: string[] = [];
  const given: Readonly<Record<string, unknown>> = { ...input };
  for (const name of Object.keys(given).filter((key) => !Object.hasOwn(fields, key))) {
    if (belongsToOperator.test(name)) {
      faults.push(
        `${showName(name)}: is not for a request to say; it belongs to the connection in the worker’s configuration`,
      );
      continue;
    }
    const meant = meantField(name);
    // A misspelt field that was only warned about would export something else than was asked for.
    if (meant) faults.push(`${showName(name)}: no such field; ${meant} was probably meant`);
    else warnings.push(`${showName(name)}: no such field; it was ignored`);
  }
  const request = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const value = given[name];
      if (value === undefined || (value === null && !field.required)) {
        if (field.required) faults.push(`${name}: is missing; ${field.description} Example: ${example}`);
        return [name, field.default];
      }
      const fault = faultOf(name, field, value);
      if (fault) faults.push(fault);
      return [name, value];
    }),
  );
  if (faults.length > 0) return { outcome: 'faulty', faults: shortened(faults) };
  // The loop above has checked each field of the interface against its rule.
  return { outcome: 'good', request: request as unknown as ExportForecastRequest, warnings: shortened(warnings) };
}

function meantField(name: string): string | undefined {
  const asked = name.toLowerCase().replace(/[^a-z]/g, '');
  const called = Object.entries(fields).find(([, { alsoCalled = [] }]) =>
    alsoCalled.some((other) => other.toLowerCase() === asked),
  );
  return called?.[0] ?? nearest(name, Object.keys(fields));
}

/** They stand in the failure or the receipt, which a payload of the history has to hold. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `input: ${lines.length - MAX_LINES} more like these`];
}

function faultOf(name: string, field: RequestField, value: unknown): string | undefined {
  if (field.type === 'boolean') {
    return typeof value === 'boolean' ? undefined : `${name}: must be true or false without quotes`;
  }
  if (field.type === 'string[]') {
    const allowed = field.values ?? [];
    const isList = Array.isArray(value) && value.length > 0 && new Set(value).size === value.length;
    if (isList && value.every((item) => typeof item === 'string' && allowed.includes(item))) return undefined;
    return `${name}: must be a list without repeats of ${allowed.join(', ')}`;
  }
  if (typeof value !== 'string') {
    const why = typeof value === 'number' ? '; put the number in quotes' : '';
    return `${name}: must be text (${field.rule ?? field.description})${why}`;
  }
  if (field.pattern && !field.pattern.test(value)) {
    const meant = meantPeriod(name, value);
    return `${name}: must be ${field.rule ?? 'of another form'}${meant ? `; ${meant} was probably meant` : ''}`;
  }
  return undefined;
}

/** `2026-Q4`, `2026q4`, `2026_q4`, `Q4 2026`, `FY2026 Q4` are all said as 2026_Q4. */
function meantPeriod(name: string, value: string): string | undefined {
  if (name !== 'timePeriod') return undefined;
  const year = /(?:^|\D)(\d{4})(?:\D|$)/.exec(value)?.[1];
  const quarter = /q\s?([1-4])(?:\D|$)/i.exec(value)?.[1];
  return year && quarter && value.length <= 12 ? `${year}_Q${quarter}` : undefined;
}
