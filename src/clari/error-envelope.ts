import { isObject, parseJson, type JsonObject } from './json.js';

/** What can be said of an error's body. Clari's message is left out on purpose: it can repeat the request. */
export interface ErrorEnvelope {
  readonly code: string | undefined;
  readonly errorId: string | undefined;
  readonly requestId: string | undefined;
  readonly orgIds: readonly string[];
}

/**
 * Reads any of the shapes that Clari's errors come in: `{code, errorId, message, orgId}` of exports; `{errors: [...]}` of audit;
 * `{message}` of authentication; a list of `{statusCode, ...}` of opportunities; `{error}` or `{message, request_id}` of the
 * gateway. Of anything else (an HTML page, nothing at all) there is nothing to say.
 */
export function readErrorEnvelope(text: string): ErrorEnvelope {
  const outer = parseJson(text);
  const body = firstObject(outer);
  const inner = firstObject(body?.['errors']);
  const said = (name: string, pattern: RegExp): string | undefined =>
    word(body?.[name], pattern) ?? word(inner?.[name], pattern);
  return {
    code: said('code', /^[A-Za-z][\w.-]{0,59}$/),
    errorId: said('errorId', ID),
    requestId: said('request_id', ID) ?? said('requestId', ID),
    orgIds: organisationsIn(outer),
  };
}

/** Every organisation that an answer names: of itself, of its job, of its jobs. */
export function organisationsIn(answer: unknown): readonly string[] {
  const holders = Array.isArray(answer) ? (answer as unknown[]) : isObject(answer) ? [answer, ...inside(answer)] : [];
  const found = new Set<string>();
  for (const holder of holders) {
    const id = isObject(holder) ? holder['orgId'] : undefined;
    if (typeof id === 'number' || typeof id === 'string') found.add(String(id));
  }
  return [...found];
}

function inside(answer: JsonObject): unknown[] {
  return [answer['job'], answer['jobs']].flatMap((value: unknown) =>
    Array.isArray(value) ? (value as unknown[]) : [value],
  );
}

function firstObject(value: unknown): JsonObject | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(first) ? first : undefined;
}

const ID = /^[\w.:-]{1,80}$/;

/** Only what looks like an identifier: the body is a stranger's text, and this goes into messages. */
function word(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}
