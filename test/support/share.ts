/** Whether this is `npm run test:long`. */
const long = process.env.LONG_TESTS === 'true';

/**
 * Of a table of cases that takes too long for `npm test`: every third one there, or those that `first` says, and the others in
 * `npm run test:long`. A file that has such a table stands in vitest.config.ts.
 */
export function share<R>(
  cases: readonly R[],
  first: (one: R, index: number) => boolean = (_, index) => index % 3 === 0,
): readonly R[] {
  return cases.filter((one, index) => first(one, index) !== long);
}
