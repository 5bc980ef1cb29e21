/** As undici gives them: lower-case names, a list where a header came more than once. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The header's first value, trimmed; undefined where it is missing or empty. */
export function header(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name];
  const first = (Array.isArray(value) ? value[0] : value)?.trim();
  return first === '' ? undefined : first;
}
