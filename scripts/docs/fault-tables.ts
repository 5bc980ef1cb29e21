import { z } from 'zod';
import { endpointNames } from '../../src/testing/fake-clari/endpoint-names.js';
import { envelopeNames } from '../../src/testing/fake-clari/envelopes.js';
import { fault } from '../../src/testing/fake-clari/faults/kinds.js';
import { match } from '../../src/testing/fake-clari/faults/match.js';
import { rule } from '../../src/testing/fake-clari/faults/rule.js';
import { scopes } from '../../src/testing/fake-clari/faults/scopes.js';
import { code, markdown } from './tables.js';

interface Parameter {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Tables of docs/fake-clari.md that are made from the code, by the name of their marker. */
export const faultTables: Readonly<Record<string, () => string>> = {
  rule: () => markdown(['field', 'values', 'default', 'meaning'], parameters(rule).map(row)),
  match: () =>
    markdown(
      ['field', 'meaning'],
      parameters(match).map(([name, { description }]) => [code(name), description ?? '']),
    ),
  endpoints: () => endpointNames.map(code).join(', '),
  envelopes: () => envelopeNames.map(code).join(', '),
  faults: () =>
    markdown(
      ['kind', 'strikes', 'what the client sees', 'parameters'],
      fault.options.map((option) => {
        const { value } = option.shape.kind;
        const own = parameters(option).filter(([name]) => name !== 'kind');
        return [code(value), scopes[value].text, option.description ?? '', own.map(inWords).join('<br>')];
      }),
    ),
};

function parameters(schema: z.ZodType): readonly (readonly [string, Parameter])[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties) as [string, Parameter][];
}

const row = ([name, parameter]: readonly [string, Parameter]): readonly string[] => [
  code(name),
  values(parameter),
  parameter.default === undefined || name === 'match' ? '' : code(String(parameter.default)),
  parameter.description ?? '',
];

function inWords([name, parameter]: readonly [string, Parameter]): string {
  const bounds = values(parameter);
  const value = parameter.default === undefined ? '' : `; default ${code(String(parameter.default))}`;
  return `${code(name)}: ${parameter.description ?? ''}${bounds === '' && value === '' ? '' : ` (${bounds}${value})`.replace('(; ', '(')}`;
}

function values({ enum: words, minimum, maximum }: Parameter): string {
  // Of the envelopes there is a list of its own.
  if (words !== undefined) return words.length === envelopeNames.length ? '' : words.map(code).join(', ');
  return minimum === undefined || maximum === undefined ? '' : `${minimum} to ${maximum}`;
}
