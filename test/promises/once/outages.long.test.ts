import { expect, inject, test } from 'vitest';
import { startWorkerProcess } from '../../support/child-worker.js';
import { downloading, forecasts, landsOnce, slow, surviveOutage } from '../../support/outage.js';
import { TcpProxy, type Line } from '../../support/tcp-proxy.js';
import { startWorld } from '../../support/world.js';

/** What a download holds back before it writes. */
const CHUNK = 256 * 1024;

test.concurrent(
  'fault 2: a worker that is told to stop hands a download over: less than one chunk is fetched again',
  async ({ onTestFinished }) => {
    const world = await startWorld({ withoutWorker: true, forecasts, faults: [slow] });
    onTestFinished(() => world.close());
    const first = await startWorkerProcess(world);
    const run = await downloading(world);
    first.signal('SIGTERM');
    expect((await first.ended).exitCode).toBe(0);
    const second = await startWorkerProcess(world);
    onTestFinished(() => second.signal('SIGKILL'));
    await landsOnce(world, run);
    const [broken, resumed, ...more] = world.clari.journal.entries.filter(({ endpoint }) => endpoint === 'results');
    expect(more).toEqual([]);
    const from = Number(/^bytes=(\d+)-$/.exec(resumed?.range ?? '')?.[1]);
    expect((broken?.bytesSent ?? 0) - from).toBeLessThan(CHUNK);
  },
);

test.concurrent(
  'fault 3: the Temporal server restarts while runs poll, download, wait and request a job: each lands its one job once',
  ({ onTestFinished }) =>
    surviveOutage({
      executable: inject('temporalCliPath'),
      codePath: inject('workflowBundlePath'),
      awayMs: 0,
      atEnd: onTestFinished,
    }),
  // Four workers start in processes of their own.
  240_000,
);

test.concurrent.for<Line>(['cut', 'silent'])(
  'fault 4: a worker is cut off from Temporal by a line that is %s: another one takes over, and one copy lands',
  async (line, { onTestFinished }) => {
    const world = await startWorld({ withoutWorker: true, forecasts, faults: [{ ...slow, times: 1 }] });
    onTestFinished(() => world.close());
    const proxy = await TcpProxy.start(inject('temporalAddress'));
    onTestFinished(() => proxy.close());
    const lonely = await startWorkerProcess({
      ...world,
      environment: { ...world.environment, TEMPORAL_ADDRESS: proxy.address },
    });
    onTestFinished(() => lonely.signal('SIGKILL'));
    const run = await downloading(world);
    proxy.set(line);
    const other = await startWorkerProcess(world);
    onTestFinished(() => other.signal('SIGKILL'));
    await landsOnce(world, run);
    proxy.set('open');
    expect(await world.rows('SELECT count(*)::INT FROM exports')).toEqual([[1]]);
  },
);
