import { executeChild, proxyActivities } from '@temporalio/workflow';
import { explainFailure, type ExportForecastInput } from 'clari-temporal';
import { exportForecast } from 'clari-temporal/workflows';
import type * as activities from './activities.js';

// The worker runs what this module exports: its own workflows, and those of the package.
export * from 'clari-temporal/workflows';

const { announce } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

/** Exports one forecast after another and says of each what became of it. */
export async function nightly(requests: readonly ExportForecastInput[]): Promise<string[]> {
  const lines: string[] = [];
  for (const request of requests) {
    try {
      const receipt = await executeChild(exportForecast, { args: [request] });
      const rows = receipt.tables.reduce((sum, table) => sum + table.landed, 0);
      lines.push(await announce(`${request.forecastId}: ${rows} rows in ${receipt.destination}`));
    } catch (error) {
      lines.push(await announce(`${request.forecastId}: ${explainFailure(error)?.type ?? 'cancelled'}`));
    }
  }
  return lines;
}
