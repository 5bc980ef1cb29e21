import { nearest } from '../../../model/nearest.js';
import type { EndpointName } from '../endpoint-names.js';
import { endpointNames, isAskedBy } from '../endpoint-names.js';
import type { Contradiction, GivenRule, Tenant } from './given-rule.js';
import type { Match } from './match.js';
import { namedEndpoints } from './match.js';
import { scopes } from './scopes.js';

const OF_A_JOB: readonly EndpointName[] = ['jobStatus', 'cancelJob', 'results', 'link'];

type Field = Exclude<keyof Match, 'endpoint'>;

/** Whether a request to an endpoint can have what a field of `match` asks for. */
const carries: Readonly<Record<Field, (endpoint: EndpointName, match: Match) => boolean>> = {
  method: (endpoint, { method }) => endpoint === 'link' || isAskedBy(endpoint, method),
  jobId: (endpoint) => OF_A_JOB.includes(endpoint),
  forecastId: (endpoint) => endpoint === 'createForecastExport' || OF_A_JOB.includes(endpoint),
  userId: (endpoint) => endpoint !== 'link',
  token: (endpoint) => endpoint !== 'link',
  range: () => true,
};

/** Why no request can be what a rule is about; nothing if one can. */
export function unreachable(rule: GivenRule, { forecasts }: Tenant): readonly Contradiction[] {
  const { match, fault } = rule;
  const { kind } = fault;
  const { endpoint: strikes, text } = scopes[kind];
  const outside = (namedEndpoints(match) ?? []).filter((name) => !strikes(name));
  if (outside.length > 0) {
    return outside.map((name) => ({
      path: ['match', 'endpoint'],
      message: `${kind} never strikes ${name}, only ${text}; leave ${name} out`,
    }));
  }
  return [...outOfReach(rule), ...outOfScope(rule), ...unknownForecast(match, forecasts)];
}

function outOfReach({ match, fault: { kind } }: GivenRule): readonly Contradiction[] {
  const named = namedEndpoints(match);
  const asked = (named ?? endpointNames).filter(scopes[kind].endpoint);
  const where = named?.join(', ') ?? `what ${kind} strikes`;
  const given = (Object.keys(carries) as Field[]).filter((field) => match[field] !== undefined);
  const never = given.filter((field) => !asked.some((endpoint) => carries[field](endpoint, match)));
  if (never.length > 0) {
    return never.map((field) => ({
      path: ['match', field],
      // Not the value: a token is a secret.
      message: `no request to ${where} has ${field === 'method' ? `the method ${match.method ?? ''}` : `a ${field}`}; leave ${field} out`,
    }));
  }
  if (asked.some((endpoint) => given.every((field) => carries[field](endpoint, match)))) return [];
  return [
    { path: ['match'], message: `no request to ${where} has all of ${given.join(', ')}; leave some of them out` },
  ];
}

function outOfScope({ match, fault: { kind } }: GivenRule): readonly Contradiction[] {
  const { text, method, part } = scopes[kind];
  const never = (field: string, what: string): Contradiction => ({
    path: ['match', field],
    message: `${kind} never strikes ${what}, only ${text}; leave ${field} out`,
  });
  return [
    ...(match.method !== undefined && method?.(match.method) === false ? [never('method', match.method)] : []),
    ...(part === true && match.range === false ? [never('range', 'a whole file')] : []),
  ];
}

function unknownForecast({ forecastId }: Match, forecasts: Tenant['forecasts']): readonly Contradiction[] {
  const known = forecasts.map((forecast) => forecast.forecastId);
  if (forecastId === undefined || known.includes(forecastId)) return [];
  const meant = nearest(forecastId, known);
  const remedy = meant === undefined ? `there are ${known.join(', ')}` : `${meant} was probably meant`;
  return [{ path: ['match', 'forecastId'], message: `no such forecast; ${remedy}` }];
}
