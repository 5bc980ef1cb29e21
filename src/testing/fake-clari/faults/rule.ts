import { z } from 'zod';
import { contradictions } from './contradictions.js';
import type { Tenant } from './given-rule.js';
import { fault, kindFields } from './kinds.js';
import { match } from './match.js';
import type { FieldsAt } from './rule-faults.js';
import { FaultRulesError, faultLines } from './rule-faults.js';

const YEAR_MS = 365 * 24 * 60 * 60_000;

/** A rule as it is written; the descriptions go into the documentation. */
export const rule = z.strictObject({
  match: match.prefault({}).describe('Which requests, see below'),
  after: z.int().min(0).max(1e9).default(0).describe('Matching requests that are let through first'),
  times: z
    .union([z.int().min(1).max(1e9), z.literal('always')], {
      error: 'must be a whole number from 1 to 1000000000, or "always"',
    })
    .optional()
    .describe(
      'How often it strikes: a number from 1, or `"always"`. Default 1; always for `states`, and for a shortage shown before',
    ),
  probability: z.number().min(0).max(1).default(1).describe('Chance of each matching request'),
  fromMs: z.int().min(0).max(YEAR_MS).default(0).describe('Milliseconds from when it was set to its first moment'),
  forMs: z.int().min(1).max(YEAR_MS).optional().describe('Milliseconds that it then lasts. Default for ever'),
  fault: fault.describe('What happens, see below'),
});

/**
 * A fault and when it strikes. Without `match` it is about every request that its kind can strike.
 *
 * @example { match: { endpoint: 'link' }, after: 1, times: 2, fault: { kind: 'cut', afterBytes: 5000 } }
 */
export type FaultRule = z.input<typeof rule>;

/** A rule with its defaults. */
export type FullRule = z.output<typeof rule>;

/**
 * Rules for a fake server of this tenant.
 * @throws FaultRulesError that lists everything that is wrong
 */
export function parseRules(given: unknown, tenant: Tenant): readonly FullRule[] {
  const possible = rule.superRefine((one, context) => {
    for (const { path, message } of contradictions(one, tenant))
      context.addIssue({ code: 'custom', path: [...path], message });
  });
  const parsed = z.array(possible).max(1000).safeParse(given, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new FaultRulesError(parsed.error.issues.flatMap((issue) => faultLines('rules', issue, fieldsAt)));
}

const fieldsAt: FieldsAt = ([, part], object) => {
  if (part === undefined) return Object.keys(rule.shape);
  return part === 'match' ? Object.keys(match.shape) : kindFields((object as { readonly kind?: unknown }).kind);
};
