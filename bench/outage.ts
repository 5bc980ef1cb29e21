/**
 * `npm run soak:outage -- --minutes 10`: Temporal's server is away for so long while runs poll, download, wait for capacity and
 * request a job. Ends with 0 when each has landed its one job once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { surviveOutage } from '../test/support/outage.js';
import { bundleWorkflowsInto } from '../test/support/workflow-bundle.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 0 && minutes <= 24 * 60)) throw new RangeError('--minutes: must be a number from 0 to 1440');

const folder = await mkdtemp(path.join(os.tmpdir(), 'clari-soak-'));
const steps: (() => void | Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
const began = performance.now();
try {
  await surviveOutage({
    codePath: await bundleWorkflowsInto(folder),
    awayMs: minutes * 60_000,
    atEnd: (step) => void steps.push(step),
    onProgress: (line) => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`),
  });
} finally {
  for (const step of steps.reverse()) await step();
}
