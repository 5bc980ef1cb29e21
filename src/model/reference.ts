/** Where bytes are, never the bytes: small enough for a history, exact enough to notice a changed file. */
export interface Reference {
  /** `file:///…` in a staging folder, `s3://…` in a bucket. */
  readonly uri: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}
