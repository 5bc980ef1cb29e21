/** One place that was looked at. */
export interface Looked {
  /** Where, for the reader. May hold a value, since ids and names of files may. */
  readonly place: string;
  readonly bytes: number;
  /** What was found there, each once. */
  readonly values: readonly string[];
  /** Cells with any of them, of a column. */
  readonly cells?: number;
  /** Why it, or part of it, could not be looked at. */
  readonly fault?: string;
}
