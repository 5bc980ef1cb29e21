/** Rows that a file should not have (fault 16), and what becomes of each. docs/odd-values.md has a table of them. */

/** Stands in every poison that has a place for it. */
export const CANARY = 'Wuqezimo';

interface Poison {
  /** After "an entry with". */
  readonly name: string;
  /** The entry as it stands in the file; given without its closing brace, `currency`, `crmClosed` and `updatedBy`. \xFF stands for that byte. */
  readonly entry: (open: string) => string;
}

/** It stops the run, which names the record's number and what else it knows. */
export interface Stopping extends Poison {
  readonly type: 'FileMalformed' | 'ValueRejected';
  readonly says: RegExp;
}

/** It lands right, under the policy `keyed`. */
export interface Landing extends Poison {
  /** SQL over forecast_entries, and what it gives for the entry. */
  readonly shows: string;
  readonly as: string | null;
  /** For the documentation. */
  readonly lands: string;
}

export const stoppingRows: readonly Stopping[] = [
  {
    name: 'a byte that is no UTF-8',
    entry: (open) => `${open},"updatedBy":"${CANARY}\xFF"}`,
    type: 'FileMalformed',
    says: /not valid UTF-8/,
  },
  {
    name: 'a lone surrogate',
    entry: (open) => `${open},"updatedBy":"${CANARY}\\ud800"}`,
    type: 'FileMalformed',
    says: /escape that is none/,
  },
  {
    name: 'a control character in a text',
    entry: (open) => `${open},"updatedBy":"${CANARY}\u0001"}`,
    type: 'FileMalformed',
    says: /control character/,
  },
  {
    name: 'a key twice',
    entry: (open) => `${open},"currency2":"${CANARY}","currency2":1}`,
    type: 'FileMalformed',
    says: /key twice/,
  },
  {
    name: 'nesting deeper than 256',
    entry: (open) => `${open},"more":${'['.repeat(300)}"${CANARY}"${']'.repeat(300)}}`,
    type: 'FileMalformed',
    says: /nested deeper/,
  },
  {
    name: 'a number that JSON has not',
    entry: (open) => `${open},"crmClosed":NaN}`,
    type: 'FileMalformed',
    says: /list entries/,
  },
  {
    name: 'a NUL',
    entry: (open) => `${open},"updatedBy":"${CANARY}\\u0000"}`,
    type: 'ValueRejected',
    says: /forecast_entries\.updated_by/,
  },
  {
    name: 'an amount of 1e400',
    entry: (open) => `${open},"crmClosed":1e400}`,
    type: 'ValueRejected',
    says: /forecast_entries\.crm_closed/,
  },
  {
    name: 'an amount of 1e-400',
    entry: (open) => `${open},"crmClosed":1e-400}`,
    type: 'ValueRejected',
    says: /forecast_entries\.crm_closed/,
  },
  {
    name: 'an amount with ten digits after the point',
    entry: (open) => `${open},"crmClosed":0.1234567891}`,
    type: 'ValueRejected',
    says: /forecast_entries\.crm_closed/,
  },
  {
    name: 'a text for an amount',
    entry: (open) => `${open},"crmClosed":"${CANARY}"}`,
    type: 'ValueRejected',
    says: /forecast_entries\.crm_closed/,
  },
  {
    name: 'a number for a boolean',
    entry: (open) => `${open.replace(/,"isUpdated":\w+/, '')},"isUpdated":1}`,
    type: 'ValueRejected',
    says: /forecast_entries\.is_updated/,
  },
  {
    name: 'an object for an id',
    entry: (open) => `${open},"updatedBy":{"name":"${CANARY}"}}`,
    type: 'ValueRejected',
    says: /forecast_entries\.updated_by/,
  },
];

export const landingRows: readonly Landing[] = [
  {
    name: 'an amount of 2^63',
    entry: (open) => `${open},"crmClosed":9223372036854775808}`,
    shows: 'crm_closed::VARCHAR',
    as: '9223372036854776000.000000000',
    lands: 'Exactly, as the policy leaves amounts (`keyed` rounds them); as every amount below 10^29 does.',
  },
  {
    name: 'an amount of -0',
    entry: (open) => `${open},"crmClosed":-0}`,
    shows: 'crm_closed::VARCHAR',
    as: '0.000000000',
    lands: 'As 0.',
  },
  {
    name: 'a text of five megabytes',
    entry: (open) => `${open},"currency":"${'ü'.repeat(2_500_000)}"}`,
    shows: 'length(currency_code)::VARCHAR',
    as: '2500000',
    lands: 'Whole. A record may have 16 MiB.',
  },
  {
    name: 'a field that nobody knows, nested 200 deep',
    entry: (open) => `${open},"more":${'['.repeat(200)}"${CANARY}"${']'.repeat(200)}}`,
    shows: 'extra',
    as: null,
    lands: 'Without that field, which the receipt names with the number of its records (`onUnknownField: drop`).',
  },
  {
    name: 'a user that nobody knows',
    entry: (open) => `${open.replace(/"userId":"[^"]*"/, `"userId":"${CANARY}:R"`)}}`,
    shows: '(user_id IN (SELECT user_id FROM forecast_users))::VARCHAR',
    as: 'false',
    lands: 'With a `user_id` that joins to nobody.',
  },
];

/** A file of JSON as bytes, in which \xFF is that byte. */
export const bytesOf = (text: string): Buffer =>
  Buffer.concat(
    text.split('\xFF').flatMap((part, index) => [...(index === 0 ? [] : [Buffer.from([0xff])]), Buffer.from(part)]),
  );
