import { z } from 'zod';
import { redactedTables } from '../model/tables.js';
import { builtInPolicyNames } from './built-in-policies.js';
import type { Treatment } from './treatments.js';
import { treatmentSchema } from './written-treatments.js';

/** `table.column` of all that a policy file may treat. Of `extra`, `onUnknownField` decides. */
const columns = redactedTables.flatMap((table) =>
  table.columns
    .filter(({ name }) => name !== 'extra')
    .map((column) => [`${table.name}.${column.name}`, column] as const),
);

export const treatedPlaces: readonly string[] = columns.map(([place]) => place);

/** Columns that an exception may be made for: names and e-mails land by `tag` alone, where the check does not look anyway. */
export const exceptedPlaces: readonly string[] = columns.flatMap(([place, { type, sensitivity }]) =>
  type === 'text' && sensitivity !== 'person' ? [place] : [],
);

const REASON = 'must be a sentence that says why it is no leak, of 10 to 200 characters';
const reason = z
  .string(REASON)
  .trim()
  .min(10, REASON)
  .max(200, REASON)
  .describe('Why what the column says is no leak. Stands in the log and in the warnings of each receipt.');

const leakCheck = z
  .strictObject(
    {
      phoneNumbers: z
        .boolean('must be true or false')
        .default(false)
        .describe('Whether the leak check takes what looks like a phone number for a leak.'),
      exceptions: z
        .strictObject(
          Object.fromEntries(exceptedPlaces.map((place) => [place, reason.optional()])),
          'must be an object of text columns, such as forecast_fields.field_name, and reasons',
        )
        .default({})
        .describe('Columns that the leak check leaves out, by `table.column`, and the reason.'),
    },
    'must be an object with phoneNumbers and exceptions',
  )
  .optional()
  .describe('What the leak check looks for, and where not.');

const treatments: Readonly<Record<string, z.ZodOptional<z.ZodType<Treatment>>>> = Object.fromEntries(
  columns.map(([place, column]) => [place, treatmentSchema(place, column).optional()]),
);

export const policyFileSchema = z
  .strictObject({
    $schema: z.string('must be the address of a JSON Schema, for editors').optional(),
    name: z
      .string('must be one word that stands in receipts')
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, _ and - only, at most 64')
      .refine((name) => !(builtInPolicyNames as readonly string[]).includes(name), {
        error: 'is the name of a built-in policy; give it another',
      })
      .describe('Stands in receipts. Not the name of a built-in policy.'),
    version: z
      .int('must be a whole number from 1 up')
      .min(1, 'must be a whole number from 1 up')
      .describe('Stands in receipts; raise it with each change.'),
    extends: z
      .enum(builtInPolicyNames, `must be one of ${builtInPolicyNames.join(', ')}`)
      .describe('The built-in policy that treats all columns which are not named here.'),
    onUnknownField: z
      .enum(['drop', 'fail'], 'must be drop or fail')
      .optional()
      .describe(
        'What becomes of a field in Clari’s file that no column takes. `drop`: it is not landed, and the receipt names it; `fail`: ' +
          'nothing is landed. Default: as the policy that it extends, which is `drop` but for `brief`.',
      ),
    treatments: z
      .strictObject(treatments, 'must be an object of columns, such as forecast_users.email, and their treatments')
      .default({})
      .describe('What becomes of the values of columns, by `table.column`.'),
    leakCheck,
  })
  .describe('A redaction policy of one’s own: CLARI_POLICY=file:PATH.');

export type PolicyFile = z.infer<typeof policyFileSchema>;

/** JSON Schema (2020-12) of a policy file, for editors. */
export function policyJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(policyFileSchema, { io: 'input' }), title: 'clari-temporal redaction policy' };
}
