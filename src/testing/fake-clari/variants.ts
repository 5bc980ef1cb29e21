/** Ways in which live tenants, or other people's accounts of them, differ from their dialect. */
export interface Variants {
  /** What a job's id is called. Default `jobId`. */
  readonly idName: 'jobId' | 'id';
  /** Answer the creation of a job with `{job: {...}}`. Default false. */
  readonly wrapCreated: boolean;
  /** Status code of a forecast export's creation. Default 200. */
  readonly createStatus: 200 | 202;
  /** Give a job's status as `{job: {...}}`. Default false: flat. */
  readonly wrapStatus: boolean;
  /** `dialect`: its own words. `lower-case`: `pending`, `complete`, `failed`. `queue`: `QUEUED`, `RUNNING`, the others as published. Default `dialect`. */
  readonly statusWords: 'dialect' | 'lower-case' | 'queue';
  /** A bare array, or under which name. Default `dialect`: an array in the published one, `jobs` in the brief one. */
  readonly jobList: 'dialect' | 'array' | 'jobs' | 'job';
  /** `rows`: forecasts in JSON as a bare array of the rows that a CSV file has. Default `forecast`: in the shape of the forecast. */
  readonly results: 'forecast' | 'rows';
  /** What is answered when a result is asked for after its file has expired. Default 400. */
  readonly expiredResults: 400 | 403 | 404 | 410;
}

export const NO_VARIANTS: Variants = {
  idName: 'jobId',
  wrapCreated: false,
  createStatus: 200,
  wrapStatus: false,
  statusWords: 'dialect',
  jobList: 'dialect',
  results: 'forecast',
  expiredResults: 400,
};

/** What comes of asking for CSV. */
export interface CsvOptions {
  /** `json`: the file is JSON all the same. Default `csv`. */
  readonly content: 'csv' | 'json';
  /** Media type of a CSV file. Default `text/csv; charset=utf-8`. */
  readonly mediaType: 'text/csv; charset=utf-8' | 'application/json';
  /** Exports of more rows are refused in CSV: 0 for all but empty ones. Default without limit. */
  readonly maxRows: number;
}

export const PLAIN_CSV: CsvOptions = {
  content: 'csv',
  mediaType: 'text/csv; charset=utf-8',
  maxRows: Number.POSITIVE_INFINITY,
};
