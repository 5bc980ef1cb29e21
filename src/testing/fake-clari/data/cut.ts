/** What is cut off the result of a truncated job. */
export interface Cut {
  /** Records of the main list that are left: the first ones. Infinity for all. */
  readonly rows: number;
  /** Whether every third record has lost the content of some of its cells. */
  readonly cells: boolean;
}

export const UNCUT: Cut = { rows: Number.POSITIVE_INFINITY, cells: false };
