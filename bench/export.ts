/**
 * `npm run bench:export -- --mb 1000`: one export of a file of that size, start to receipt, on a real Temporal server with the
 * worker in a process of its own. Prints seconds, the worker's peak memory, and the size of the history.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { Receipt } from '../src/model/receipt.js';
import { DEFAULT_TASK_QUEUE } from '../src/model/task-queues.js';
import { startFakeClari } from '../src/testing/fake-clari/index.js';
import { startTemporalDevServer } from '../src/testing/temporal/dev-server.js';

const ENTRY_BYTES = 310;
const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '1000' },
    policy: { type: 'string', default: 'keyed' },
    // Megabytes for DuckDB, as CLARI_MEMORY_LIMIT_MB; empty: the default.
    memory: { type: 'string', default: '' },
  },
});
const entries = Math.round((Number(values.mb) * 1e6) / ENTRY_BYTES);

const folder = await mkdtemp(path.join(os.tmpdir(), 'clari-bench-'));
const server = await startTemporalDevServer();
const clari = await startFakeClari({
  dialect: 'brief',
  forecasts: [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries, shape: 'five-lists' }],
});
// The compiled worker, as in production: run from the sources it would hold webpack and the TypeScript loader as well.
const worker = spawn(process.execPath, [fileURLToPath(new URL('../dist/worker.js', import.meta.url))], {
  cwd: folder,
  env: {
    PATH: process.env.PATH,
    TEMPORAL_ADDRESS: server.address,
    CLARI_API_KEY: 'fake-token',
    CLARI_BASE_URL: clari.apiUrl,
    CLARI_ALLOWED_LINK_HOSTS: new URL(clari.linkUrl).host,
    CLARI_DESTINATION: `duckdb:${path.join(folder, 'warehouse.duckdb')}`,
    CLARI_STAGING_DIR: path.join(folder, 'staging'),
    CLARI_REDACTION_KEY: 'a key of the bench, long enough to be one',
    CLARI_POLICY: values.policy,
    CLARI_MEMORY_LIMIT_MB: values.memory,
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
for await (const line of createInterface({ input: worker.stdout })) if (line.includes('"event":"started"')) break;
worker.stdout.resume();
const connection = await Connection.connect({ address: server.address });
try {
  const idle = await memory('VmRSS');
  const client = new Client({ connection });
  const began = performance.now();
  const handle = await client.workflow.start('exportForecast', {
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowId: 'bench',
    args: [{ forecastId: 'net_arr' }],
  });
  const receipt = (await handle.result()) as Receipt;
  const seconds = (performance.now() - began) / 1000;
  const { events } = await handle.fetchHistory();
  const { raw } = await handle.describe();
  const steps = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled, eventId }) => {
    const started = events?.find(
      (event) => String(event.activityTaskStartedEventAttributes?.scheduledEventId) === String(eventId),
    );
    const closed = events?.find(
      (event) => String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(eventId),
    );
    return scheduled
      ? [
          `  ${(scheduled.activityType?.name ?? '').padEnd(16)}${(time(closed?.eventTime) - time(started?.eventTime)).toFixed(1)} s`,
        ]
      : [];
  });
  const rows = receipt.tables.reduce((sum, { landed }) => sum + landed, 0);
  process.stdout.write(
    [
      `file            ${(receipt.raw.bytes / 1e6).toFixed(0)} MB, ${rows} rows landed, policy ${receipt.policy.name}`,
      `start to end    ${seconds.toFixed(1)} s`,
      ...steps,
      `worker memory   ${idle} MiB idle, ${await memory('VmHWM')} MiB at its peak`,
      `history         ${events?.length ?? 0} events, ${String(raw.workflowExecutionInfo?.historySizeBytes)} bytes`,
      '',
    ].join('\n'),
  );
} finally {
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  await connection.close();
  await clari.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

/** MiB, as Linux counts them for the worker's process. */
async function memory(figure: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${worker.pid ?? 0}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
}

function time(stamp: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(stamp?.seconds ?? 0) + (stamp?.nanos ?? 0) / 1e9;
}
