import type { ClariForecast } from '../clari/port.js';
import { ExportError } from '../model/export-error.js';
import { nearest } from '../model/nearest.js';
import type { ListedForecast, ListedForecasts, ListForecastsInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import { attempt } from './guarded.js';

const MAX_LISTED = 100;
const MAX_PERIODS = 8;
const MAX_NAMED = 20;

/** Finds what can be exported: Clari's listing where the tenant has one, else the configured ids. */
export function listForecasts(dependencies: ActivityDependencies) {
  return (input: ListForecastsInput): Promise<ListedForecasts> =>
    attempt(async ({ signal }) => {
      const connection = connectionOf(dependencies, input);
      const { source, forecasts } = await known(connection, signal);
      const { forecastId } = input;
      if (forecastId === undefined || source === 'request') {
        return { source, forecasts: forecasts.slice(0, MAX_LISTED).map(listed), total: forecasts.length };
      }
      const one = forecasts.find((forecast) => forecast.forecastId === forecastId);
      if (one) return { source, forecasts: [listed(one)], total: forecasts.length };
      throw unknownForecast(
        forecastId,
        source,
        forecasts.map((forecast) => forecast.forecastId),
      );
    });
}

async function known(
  { clari, forecasts }: Connection,
  signal: AbortSignal,
): Promise<{ source: ListedForecasts['source']; forecasts: readonly ClariForecast[] }> {
  const listing = await clari.forecasts(signal);
  if (listing) return { source: 'listing', forecasts: listing };
  const configured = forecasts.map((forecastId) => ({ forecastId, forecastName: undefined, timePeriods: [] }));
  return { source: configured.length > 0 ? 'configuration' : 'request', forecasts: configured };
}

function listed({ forecastId, forecastName, timePeriods }: ClariForecast): ListedForecast {
  return { forecastId, forecastName: forecastName ?? null, timePeriods: [...timePeriods].sort().slice(-MAX_PERIODS) };
}

function unknownForecast(forecastId: string, source: string, ids: readonly string[]): ExportError {
  const meant = nearest(forecastId, ids);
  const where = source === 'listing' ? 'Clari lists' : 'CLARI_FORECASTS names';
  const named =
    ids.slice(0, MAX_NAMED).join(', ') + (ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : '');
  return new ExportError(
    'UnknownForecast',
    `${where} no forecast "${forecastId}"; there are: ${named}.${meant ? ` "${meant}" was probably meant.` : ''}`,
  );
}
