/** What `exportForecast` is asked for, by Clari's own names where Clari has one. The same from the CLI, a schedule, the UI's form and code. */
export interface ExportForecastRequest {
  /** Connection of the worker's configuration. Default `default`. */
  readonly connection: string;
  /** Clari's id of the forecast, from the address of its Forecast Tab. Required. */
  readonly forecastId: string;
  /** Fiscal quarter `YYYY_Qn`, not a calendar one. Default null: Clari's current quarter. */
  readonly timePeriod: string | null;
  /** Default: `forecast`, `quota`, `forecast_updated`, `adjustment`, `crm_total`, `crm_closed`; less the crm types where the tenant refuses them. */
  readonly typesToExport: readonly ExportType[] | null;
  /** Hierarchy root, like `1905::MGR`. Default null: all that the token's user sees. */
  readonly scopeId: string | null;
  /** Currency code for money. Default null: Clari's choice, which may be mixed. */
  readonly currency: string | null;
  /** Every week from the quarter's start, rather than the current week alone. Default true. */
  readonly includeHistorical: boolean;
  /** Make a new job even if an equal export has one. Default false. */
  readonly fresh: boolean;
  /** Land this finished job of Clari's again instead of making one. Default null. */
  readonly jobId: string | null;
  /** Where Clari truncates the result, make a job for each type and land them as one. Default false: the run fails. */
  readonly splitIfTruncated: boolean;
  /** Land a truncated export, marked incomplete. Default false. */
  readonly allowIncomplete: boolean;
  /** Land an export although it differs much from the last snapshot. Default false: somebody has to accept it. */
  readonly acceptChange: boolean;
}

export const exportTypes = ['forecast', 'quota', 'forecast_updated', 'adjustment', 'crm_total', 'crm_closed'] as const;
export type ExportType = (typeof exportTypes)[number];

/** The types that a request asks for; some tenants refuse the crm types of one that names none. */
export function typesAsked({ typesToExport }: Pick<ExportForecastRequest, 'typesToExport'>): readonly ExportType[] {
  return typesToExport ?? exportTypes;
}
