import type { z } from 'zod';
import { nearest } from '../../../model/nearest.js';

/** Rules that can not be; nothing was changed. */
export class FaultRulesError extends RangeError {
  override readonly name = 'FaultRulesError';

  /** @param faults one line each: the field, the rule and the remedy */
  constructor(readonly faults: readonly string[]) {
    super(`The fault rules have ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/** What to say of a value that is none of `known`, with the one that was probably meant. */
export function oneOf(given: unknown, known: readonly string[], more = ''): string {
  const meant = typeof given === 'string' ? nearest(given, known) : undefined;
  const guess = meant === undefined ? '' : `; ${meant} was probably meant`;
  return `must be one of ${known.join(', ')}${more}${guess}`;
}

/** Names of the fields that the object at a path may have. */
export type FieldsAt = (path: readonly PropertyKey[], object: unknown) => readonly string[];

/** A line for each thing that is wrong with what is called `root`, from zod's account of it. */
export function faultLines(root: string, issue: z.core.$ZodIssue, fieldsAt: FieldsAt): readonly string[] {
  const placeOf = (path: readonly PropertyKey[]): string =>
    `${root}${path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')}`;
  if (issue.code !== 'unrecognized_keys') return [`${placeOf(issue.path)}: ${ruleOf(issue)}`];
  const known = fieldsAt(issue.path, issue.input);
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const remedy = meant === undefined ? `there are ${known.join(', ')}` : `${meant} was probably meant`;
    return `${placeOf([...issue.path, key])}: no such field; ${remedy}`;
  });
}

function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = typeNames[issue.expected] ?? issue.expected;
      return issue.input === undefined ? `is missing; give ${wanted}` : `must be ${wanted}`;
    }
    case 'too_small':
      return `must be ${measured(issue.origin)} of at least ${Number(issue.minimum)}`;
    case 'too_big':
      return `must be ${measured(issue.origin)} of at most ${Number(issue.maximum)}`;
    case 'invalid_value':
      return oneOf(issue.input, issue.values.map(String));
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number without quotes',
  string: 'text in quotes',
  boolean: 'true or false without quotes',
  array: 'a list',
  object: 'an object',
};

const measured = (origin: string): string =>
  origin === 'string' ? 'text with a length' : origin === 'array' ? 'a list with a length' : 'a number';
