/** Whether it is an error of one of these names; the SDK gives them the names of the service's codes. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** HTTP status of the answer that the error came with; undefined where none came. */
export function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}

/** The error's name, if it is one that can be shown. */
export const shownName = (error: Error): string => (/^[A-Za-z0-9.]{1,60}$/.test(error.name) ? error.name : 'an error');

/** The code of a broken or refused connection, such as ECONNREFUSED; undefined where it is none. */
export function connectionCode(error: Error): string | undefined {
  const isCode = 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(error.code);
  return isCode ? String(error.code) : undefined;
}

/** The SDK gives this one no name of its own. */
export const lacksRegion = (error: unknown): boolean => error instanceof Error && error.message === 'Region is missing';
