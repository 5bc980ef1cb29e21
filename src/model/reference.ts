/** Where bytes are, never the bytes: small enough for a history, exact enough to notice a changed file. */
export interface Reference {
  /** `file:///…` for local staging. */
  readonly uri: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}
