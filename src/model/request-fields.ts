import { exportTypes, type ExportForecastRequest } from './request.js';

/** One field of a request: the guard, the JSON Schema and the documentation are made from these. */
export interface RequestField {
  readonly type: 'string' | 'boolean' | 'string[]';
  readonly required?: true;
  readonly default: string | boolean | null;
  readonly pattern?: RegExp;
  /** What the pattern asks for, in words. */
  readonly rule?: string;
  readonly values?: readonly string[];
  readonly example: string | boolean | readonly string[];
  readonly description: string;
  /** Names that people give it, and that are too far from its own to be taken for a slip. */
  readonly alsoCalled?: readonly string[];
}

/** A name that needs no quoting in a terminal, a URL or SQL. */
const identifier = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;
const identifierRule = 'letters, digits and _ . : - only, at most 128 characters';

export const requestFields = {
  connection: {
    type: 'string',
    default: 'default',
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    rule: 'letters, digits, _ and - only, at most 64 characters',
    example: 'default',
    description: 'Connection of the worker’s configuration: account, environment, policy and destination.',
  },
  forecastId: {
    type: 'string',
    required: true,
    default: null,
    pattern: identifier,
    rule: identifierRule,
    example: 'net_arr',
    alsoCalled: ['id', 'forecastName', 'forecastTab'],
    description: 'Clari’s id of the forecast, as the address of its Forecast Tab has it.',
  },
  timePeriod: {
    type: 'string',
    default: null,
    pattern: /^[0-9]{4}_Q[1-4]$/,
    rule: 'a fiscal quarter written YYYY_Qn, such as 2027_Q2',
    example: '2027_Q2',
    alsoCalled: ['period', 'quarter', 'fiscalPeriod', 'fiscalQuarter'],
    description: 'Fiscal quarter YYYY_Qn. Absent: Clari’s current quarter.',
  },
  typesToExport: {
    type: 'string[]',
    default: null,
    values: exportTypes,
    example: ['forecast', 'quota'],
    alsoCalled: ['types', 'exportTypes'],
    description:
      'Types of value. Absent: all of them, less the crm types where the tenant refuses those (the receipt then says so).',
  },
  scopeId: {
    type: 'string',
    default: null,
    pattern: identifier,
    rule: identifierRule,
    example: '1905::MGR',
    description: 'Hierarchy root. Absent: all that the token’s user sees.',
  },
  currency: {
    type: 'string',
    default: null,
    pattern: /^[A-Z]{3}$/,
    rule: 'a currency code of three capital letters, such as USD',
    example: 'USD',
    alsoCalled: ['currencyCode', 'currencies'],
    description: 'Currency of money fields. Absent: Clari’s choice, which may be mixed.',
  },
  includeHistorical: {
    type: 'boolean',
    default: true,
    example: true,
    alsoCalled: ['historical', 'history', 'includeHistory'],
    description: 'Every week from the quarter’s start; false: the current week alone.',
  },
  fresh: {
    type: 'boolean',
    default: false,
    example: false,
    description: 'Make a new job even where an equal export has one. Spends one export of the quota.',
  },
  jobId: {
    type: 'string',
    default: null,
    pattern: identifier,
    rule: identifierRule,
    example: '66f0aa10c3d4e5f60718a9b2',
    description: 'Land this finished job of Clari’s again instead of making one.',
  },
  splitIfTruncated: {
    type: 'boolean',
    default: false,
    example: false,
    description:
      'Where Clari truncates the result, export each type by itself and land them as one snapshot. Spends one export of the quota ' +
      'for each type, once. (By scope nothing is split: Clari lists no scopes, and theirs roll up into each other.)',
  },
  allowIncomplete: {
    type: 'boolean',
    default: false,
    example: false,
    description:
      'Land a result that Clari truncated, marked as incomplete; one that may be split, if a part is truncated too.',
  },
  acceptChange: {
    type: 'boolean',
    default: false,
    example: false,
    description:
      'Land it although it differs much from the last snapshot, without waiting for somebody to accept that.',
  },
} as const satisfies Record<keyof ExportForecastRequest, RequestField>;

/** JSON Schema (2020-12) of a request, for editors, forms and other languages. Unknown fields are tolerated, as by the workflow. */
export function requestJsonSchema(): Record<string, unknown> {
  const properties = Object.fromEntries(
    Object.entries<RequestField>(requestFields).map(([name, field]) => {
      const one = field.values ? { type: 'string', enum: field.values } : { type: 'string' };
      // null says "absent", as forms and schedules made by hand do.
      const nullable = !field.required;
      const base = field.type === 'string[]' ? { type: 'array', items: one, minItems: 1, uniqueItems: true } : one;
      const shape = field.type === 'boolean' ? { type: 'boolean' } : base;
      return [
        name,
        {
          ...shape,
          ...(nullable ? { type: [shape.type, 'null'] } : {}),
          ...(field.pattern ? { pattern: field.pattern.source } : {}),
          ...(field.required ? {} : { default: field.default }),
          description: field.description,
          examples: [field.example],
        },
      ];
    }),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'exportForecast request',
    description: 'The one JSON argument of the workflow exportForecast.',
    type: 'object',
    required: Object.entries<RequestField>(requestFields).flatMap(([name, field]) => (field.required ? [name] : [])),
    properties,
    additionalProperties: true,
  };
}
