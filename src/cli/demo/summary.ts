import { relative } from 'node:path';
import { DEFAULT_TASK_QUEUE } from '../../model/task-queues.js';
import { quoted, temporalLine, tctlLine } from '../command-lines.js';
import { formatTable } from '../format-table.js';
import { queryDatabase } from '../query.js';
import type { FinishedExport } from './export.js';

export interface SummaryInput {
  readonly database: string;
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly finished: readonly FinishedExport[];
  readonly seconds: number;
  readonly keep: boolean;
}

const QUERY =
  'SELECT forecast_id, field_name, currency_code, count(DISTINCT user_email) AS people, count(forecast_value) AS forecasts, ' +
  'median(forecast_value)::BIGINT AS median FROM forecast_values_latest GROUP BY ALL ORDER BY forecasts DESC LIMIT 5';

/** Run from the sources, the package is a checkout; else it is installed. */
const SQL = import.meta.url.endsWith('.ts') ? 'npm run sql --' : 'npx clari-temporal sql';

/** What a demo leaves its reader with: what landed, where, and how to go on. */
export async function summary({ database, address, uiUrl, finished, seconds, keep }: SummaryInput): Promise<string> {
  const fromHere = relative(process.cwd(), database);
  const file = fromHere.startsWith('..') ? database : fromHere;
  const landed = finished.flatMap(({ receipt }) =>
    receipt.tables
      .filter((table) => table.landed > 0)
      .map(({ table, read, landed: rows, checksum }) => [
        receipt.request.forecastId,
        table,
        String(read),
        String(rows),
        checksum,
      ]),
  );
  const [first] = finished;
  const line = {
    address,
    namespace: 'default',
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowId: `export-${first?.receipt.request.forecastId ?? 'net_arr'}`,
    input: first?.input ?? { forecastId: 'net_arr' },
  };
  return [
    '',
    `What landed, ${seconds} s after the start:`,
    '',
    formatTable(['forecast', 'table', 'read', 'landed', 'checksum'], landed),
    '',
    `Database: ${file}`,
    'A query to try, with its answer (people are pseudonyms, amounts are rounded: this is not production):',
    '',
    `  ${SQL} ${quoted(file)} "${QUERY}"`,
    '',
    await queryDatabase(database, QUERY),
    '',
    ...(uiUrl ? [`Web UI: ${uiUrl}${keep ? '' : ' (while the demo ran; --keep leaves it running)'}`] : []),
    `The same export, started by hand${keep ? '' : ' (with --keep)'}:`,
    `  ${temporalLine(line)}`,
    `  ${tctlLine(line)}`,
    ...(keep ? ['', 'Everything goes on running until Ctrl-C.'] : []),
    '',
  ].join('\n');
}
