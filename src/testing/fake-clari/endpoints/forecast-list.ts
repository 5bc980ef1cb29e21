import { noRoute, ok } from '../answers.js';
import type { Handler } from '../exchange.js';

/** `GET /export/forecast/list`, which the published dialect does not have. */
export const forecastList: Handler = ({ world: { settings, files } }) =>
  settings.dialect === 'published'
    ? noRoute()
    : ok({
        forecasts: files.all().map(({ forecastId, forecastName }) => ({
          forecastName,
          forecastId,
          timePeriods: settings.timePeriods,
        })),
      });
