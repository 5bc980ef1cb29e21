/**
 * `npm run bench:history`: what one export leaves in its history and costs in Actions of Temporal Cloud, by what makes it long. Days
 * are skipped by Temporal's test server; the other cases run on the development server.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startTemporalDevServer } from '../src/testing/temporal/dev-server.js';
import { cases, monthOfWaiting, on, polled } from '../test/promises/small-history/cases.js';
import { measure } from '../test/promises/small-history/measure.js';
import { startSkippingServer } from '../test/promises/small-history/skipping.js';
import { bundleWorkflowsInto } from '../test/support/workflow-bundle.js';

const folder = await mkdtemp(path.join(os.tmpdir(), 'clari-bench-'));
const real = await startTemporalDevServer();
const skipping = await startSkippingServer();
try {
  const codePath = await bundleWorkflowsInto(folder);
  const long = [polled(1000), polled(10_000), monthOfWaiting].map((one) => on(skipping, one));
  const rows = [
    ...cases.map((one) => ({ one, address: real.address })),
    ...long.map((one) => ({ one, address: skipping.address })),
  ];
  console.log('| case | events | bytes | largest payload | Actions | heartbeats, an Action each |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { one, address } of rows) {
    const { events, serialized, largestPayload, actions, heartbeats } = await measure({ address, codePath }, one);
    const figures = [events, serialized, largestPayload, actions.total, heartbeats];
    console.log(`| ${[one.title, ...figures.map((figure) => figure.toLocaleString('en'))].join(' | ')} |`);
  }
} finally {
  await skipping.teardown();
  await real.stop();
  await rm(folder, { recursive: true, force: true });
}
