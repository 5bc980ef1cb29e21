import { z } from 'zod';
import { endpointNames } from '../endpoint-names.js';
import type { EndpointName } from '../endpoint-names.js';
import type { FaultTarget } from './scopes.js';
import { oneOf } from './rule-faults.js';

const endpoint = z.enum(endpointNames);

/** Which requests a rule is about: those that have all that is given. */
export const match = z.strictObject({
  endpoint: z
    .union([endpoint, z.array(endpoint).min(1)], {
      error: ({ input }) =>
        oneOf(
          [input].flat().find((name) => !isEndpoint(name)),
          endpointNames,
          ', or a list of them',
        ),
    })
    .optional()
    .describe('One endpoint or a list of them, by the names below'),
  method: z.enum(['GET', 'HEAD', 'POST', 'PATCH']).optional().describe('Method of the request'),
  jobId: z.string().min(1).max(100).optional().describe('Job that is asked about or downloaded'),
  forecastId: z.string().min(1).max(200).optional().describe('Forecast that is exported, or that the job is of'),
  userId: z.int().optional().describe('User of the token, as long as that is good'),
  token: z.string().min(1).max(1000).optional().describe('The token itself'),
  range: z.boolean().optional().describe('Whether a part of a file is asked for'),
});

export type Match = z.output<typeof match>;

const isEndpoint = (name: unknown): boolean => endpointNames.some((known) => known === name);

/** The endpoints that a rule names; undefined: all. */
export const namedEndpoints = ({ endpoint: names }: Match): readonly EndpointName[] | undefined =>
  names === undefined ? undefined : [names].flat();

export function matches(rule: Match, target: FaultTarget): boolean {
  const names = namedEndpoints(rule);
  if (names !== undefined && !names.some((name) => name === target.endpoint)) return false;
  return (['method', 'jobId', 'forecastId', 'userId', 'token', 'range'] as const).every(
    (field) => rule[field] === undefined || rule[field] === target[field],
  );
}
