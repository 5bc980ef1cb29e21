import { z } from 'zod';
import { nearest } from '../model/nearest.js';
import type { ColumnModel } from '../model/tables.js';
import { hashDomains, periods, SMALLEST_STEP, takenBy, type Treatment, type TreatmentKind } from './treatments.js';

/** How a policy file writes treatments: a word, or an object of one field. */

const words = ['keep', 'tag', 'drop', 'mask', 'truncate', 'known-user-id'] as const satisfies readonly TreatmentKind[];
type Word = (typeof words)[number];

const forms = {
  hmac: {
    written: `{ hmac: ${hashDomains.join(' | ')} }`,
    schema: z
      .strictObject({ hmac: z.enum(hashDomains) })
      .transform(({ hmac }): Treatment => ({ kind: 'hmac', domain: hmac })),
  },
  bucket: {
    written: `{ bucket: STEP }, a whole number of at least ${SMALLEST_STEP}`,
    schema: z
      .strictObject({ bucket: z.int().min(SMALLEST_STEP) })
      .transform(({ bucket }): Treatment => ({ kind: 'bucket', step: bucket })),
  },
  period: {
    written: `{ bucket: ${periods.join(' | ')} }`,
    schema: z
      .strictObject({ bucket: z.enum(periods) })
      .transform(({ bucket }): Treatment => ({ kind: 'period', period: bucket })),
  },
  'brief-email': {
    written: '{ brief: email }',
    schema: z.strictObject({ brief: z.literal('email') }).transform((): Treatment => ({ kind: 'brief-email' })),
  },
  'brief-name': {
    written: '{ brief: name }',
    schema: z.strictObject({ brief: z.literal('name') }).transform((): Treatment => ({ kind: 'brief-name' })),
  },
} as const satisfies Record<Exclude<TreatmentKind, Word>, { readonly written: string; readonly schema: z.ZodType }>;

/** A treatment as a policy file writes it. */
export const writtenForm = (kind: TreatmentKind): string => (isWord(kind) ? kind : forms[kind].written);

/** One treatment as a policy file writes it, without braces. */
export function treatmentText(treatment: Treatment): string {
  switch (treatment.kind) {
    case 'hmac':
      return `hmac: ${treatment.domain}`;
    case 'bucket':
      return `bucket: ${treatment.step}`;
    case 'period':
      return `bucket: ${treatment.period}`;
    case 'brief-email':
      return 'brief: email';
    case 'brief-name':
      return 'brief: name';
    default:
      return treatment.kind;
  }
}

const isWord = (kind: TreatmentKind): kind is Word => (words as readonly TreatmentKind[]).includes(kind);

/** What a policy file may say of a column, and why it may say nothing else. */
export function fileTreatments(
  place: string,
  column: ColumnModel,
): { readonly kinds: readonly TreatmentKind[]; readonly since: string } {
  const taken = takenBy(place, column);
  if (column.sensitivity !== 'person') return taken;
  // The leak check would stop every run.
  return {
    kinds: taken.kinds.filter((kind) => kind !== 'keep'),
    since: 'it holds names or e-mails, which land by tag alone',
  };
}

/** The schema of a column's treatment: of what the column can take, and nothing else. */
export function treatmentSchema(place: string, column: ColumnModel): z.ZodType<Treatment> {
  const { kinds, since } = fileTreatments(place, column);
  const allowed = kinds.filter(isWord);
  const options = kinds.flatMap((kind) => (isWord(kind) ? [] : [forms[kind].schema as z.ZodType<Treatment>]));
  const rule = `takes ${kinds.map(writtenForm).join('; ')}, since ${since}`;
  const meant = (input: unknown): string => {
    const near = typeof input === 'string' ? nearest(input, allowed) : undefined;
    return near === undefined || near === input ? '' : ` (${near} was probably meant)`;
  };
  const error = ({ input }: { readonly input?: unknown }): string => `${rule}${meant(input)}`;
  const word = z.enum(allowed, { error }).transform((kind): Treatment => ({ kind }));
  return z.union([word, ...options], { error }).describe(column.description);
}
