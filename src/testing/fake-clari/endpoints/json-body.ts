import type { Exchange } from '../exchange.js';
import { bodyText } from '../exchange.js';

export interface JsonBody {
  /** As it came. */
  readonly text: string;
  /** Undefined where it is no JSON object; none at all is an empty one. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export async function jsonBody(exchange: Exchange): Promise<JsonBody> {
  const text = (await bodyText(exchange)) ?? 'a body above 1 MiB';
  return { text, fields: text === '' ? {} : fieldsOf(text) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** What a refused body is answered with. The real one may repeat what it was sent, so this one does: a client that logs messages leaks. */
export const notValid = (text: string): string => `The request is not valid: ${text.slice(0, 500)}`;
