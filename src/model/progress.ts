/** The stages of an export, in order, with what a person reads. */
export const stages = {
  checking: 'checking the request',
  verifying: 'verifying the token',
  listing: 'looking the forecast up',
  starting: 'starting the export at Clari',
  'waiting for capacity': 'waiting for Clari to have room for one more export',
  exporting: 'Clari is exporting',
  splitting: 'Clari is exporting each type by itself, since it truncated the whole',
  downloading: 'downloading',
  redacting: 'redacting',
  storing: 'landing',
  held: 'held: differs much from the last snapshot, and waits for somebody to accept that',
  done: 'done',
  failed: 'failed',
  cancelling: 'cancelling',
  cancelled: 'cancelled',
} as const;

export type ExportStage = keyof typeof stages;

export interface ExportProgress {
  readonly stage: ExportStage;
  readonly forecastId: string;
  readonly timePeriod: string | null;
  /** Ids and figures so far; nothing personal. */
  readonly facts: Readonly<Record<string, string | number>>;
}

export const progressQuery = 'progress';
