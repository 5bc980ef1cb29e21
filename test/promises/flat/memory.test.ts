import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.js';
import { startFakeClari, type FakeClari } from '../../../src/testing/fake-clari/index.js';
import type { Child } from '../../support/child.js';
import { startWorkerProcess } from '../../support/child-worker.js';

const MIB = 1024 * 1024;
const PROMISED_MIB = 768;
const ENTRIES = 500_000;
const measurable = existsSync('/proc/self/status');
if (!measurable) console.log('The test of the memory is skipped: there is no /proc to read a process’s peak from.');

let folder: string;
let clari: FakeClari;
let worker: Child;
let connection: Connection;
const taskQueue = `flat-${process.pid}-${Date.now()}`;

/** The most memory that a process ever had, in MiB. */
async function peakMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

describe.skipIf(!measurable)('memory does not grow with the file', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clari-flat-'));
    clari = await startFakeClari({
      dialect: 'published',
      forecasts: [{ forecastId: 'large', forecastName: 'Large', entries: ENTRIES, shape: 'five-lists' }],
    });
    const environment = {
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      CLARI_API_KEY: 'fake-token',
      CLARI_BASE_URL: clari.apiUrl,
      CLARI_DESTINATION: `duckdb:${path.join(folder, 'warehouse.duckdb')}`,
      CLARI_STAGING_DIR: path.join(folder, 'staging'),
      CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
      CLARI_TASK_QUEUE: taskQueue,
    };
    worker = await startWorkerProcess({ codePath: inject('workflowBundlePath'), folder, environment });
    connection = await Connection.connect({ address: inject('temporalAddress') });
  });
  afterAll(async () => {
    const { workflow } = new Client({ connection });
    await workflow.getHandle(`${taskQueue}-account-default`).terminate('the test is over');
    worker.signal('SIGTERM');
    await worker.ended;
    await connection.close();
    await clari.close();
    await rm(folder, { recursive: true, force: true });
  });

  test(`a file of more than 120 MiB is exported within ${PROMISED_MIB} MiB`, async () => {
    const receipt = await new Client({ connection }).workflow.execute<(input: unknown) => Promise<Receipt>>(
      'exportForecast',
      { taskQueue, workflowId: `${taskQueue}-large`, args: [{ forecastId: 'large', timePeriod: '2027_Q2' }] },
    );
    expect(receipt.raw.bytes).toBeGreaterThan(120 * MIB);
    expect(receipt.tables.find(({ table }) => table === 'forecast_entries')?.landed).toBe(ENTRIES);
    const peak = await peakMib(worker.pid);
    // A figure that is no figure would pass any bound.
    expect(peak).toBeGreaterThan(50);
    expect(peak).toBeLessThanOrEqual(PROMISED_MIB);
  });
});
