import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { forEveryActivity, type ActivityLimitOverrides } from '../../src/model/activity-limits.js';
import { startTemporalDevServer, type DevServer } from '../../src/testing/temporal/dev-server.js';
import { startWorkerProcess } from '../support/child-worker.js';
import { openWorld, type World } from '../support/open-world.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { Logbook } from './logbook.js';
import { workers, type LineName, type Plan } from './plan.js';
import { TimedLine } from './timed-line.js';
import { WorkerSlot } from './worker-slot.js';

/** The fake listens here and is asked for at 127.0.0.1, where the proxies are: links name the port that they were made for. */
const FAKE_HOST = '127.0.0.2';
const USER = 40_112;
const SWEEP_MS = 5_000;
/**
 * `quiet` is longer than anything here can keep a POST back: a pause of 14 s, or a line's silence of 5 s, each 2 s late at most, one
 * after the other.
 */
const reconciling = { quiet: 25_000, giveUp: 60_000, lookAgain: 2_000 } as const;
const IDLE_MS = 5_000;

/** All that a plan happens to. */
export interface Site {
  readonly world: World;
  readonly lines: Readonly<Record<LineName, TimedLine>>;
  readonly workers: readonly [WorkerSlot, WorkerSlot];
  readonly log: Logbook;
  /** The staging folder of each worker; one if they share it. */
  readonly stagingDirs: readonly string[];
  /** Folders that hold what the server, the workers and the bench wrote, but no destination. */
  readonly serverFolder: string;
  /** Every token that was ever good. */
  readonly tokens: readonly string[];
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  /** Puts a new token in place of the one that the workers have, and gives what revokes that. */
  rotate(): Promise<() => void>;
  /** Ends the workers, and with them all that is written to staging and destination. */
  close(): Promise<void>;
  remove(): Promise<void>;
}

export interface SiteOptions {
  /** Path of the bundled workflows. */
  readonly codePath: string;
  /** Path of the `temporal` executable. */
  readonly executable?: string;
}

export async function openSite({ scene }: Plan, { codePath, executable }: SiteOptions, log: Logbook): Promise<Site> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chaos-'));
  const serverFolder = path.join(folder, 'server');
  await mkdir(serverFolder);
  const serve = (port?: number): Promise<DevServer> =>
    startTemporalDevServer({
      dbFile: path.join(serverFolder, 'temporal.db'),
      logFile: path.join(serverFolder, 'server.log'),
      ...(executable === undefined ? {} : { executable }),
      ...(port === undefined ? {} : { port }),
    });
  let server = await serve();
  const port = Number(server.address.split(':')[1]);
  const tokenFile = path.join(folder, 'token');
  const tokens = ['chaos-token-1'];
  await writeFile(tokenFile, tokens.join(''));
  const proxies: TcpProxy[] = [];
  const proxied = async (target: string, at?: number): Promise<TcpProxy> => {
    const proxy = await TcpProxy.start(target, at);
    proxies.push(proxy);
    return proxy;
  };
  const [first, second] = [await proxied(server.address), await proxied(server.address)];
  const clariLines: TcpProxy[] = [];
  const { dialect, forecasts, dataSeed, concurrentLimit, jobDurationMs, skewMs, gzip, linkUses } = scene;
  const world = await openWorld(
    { address: server.address, codePath },
    {
      withoutWorker: true,
      ...{ dialect, forecasts, seed: dataSeed, concurrentLimit, jobDurationMs, gzip },
      ...(linkUses === null ? {} : { linkUses }),
      limitsInBriefDialect: true,
      host: FAKE_HOST,
      advertisedHost: '127.0.0.1',
      now: () => Date.now() + skewMs,
      tokens: [{ token: tokens.join(''), userId: USER }],
      async apiUrl(clari) {
        const behind = (url: string): string => `${FAKE_HOST}:${new URL(url).port}`;
        const api = await proxied(behind(clari.apiUrl));
        clariLines.push(api, await proxied(behind(clari.linkUrl), Number(new URL(clari.linkUrl).port)));
        return `http://${api.address}${new URL(clari.apiUrl).pathname}`;
      },
      environment: {
        CLARI_API_KEY: '',
        CLARI_API_KEY_FILE: tokenFile,
        CLARI_LOG_LEVEL: 'debug',
        // A truncated file is half of a whole one, and nobody is there to accept it.
        CLARI_HOLD_CHANGE_PERCENT: '0',
      },
    },
  );
  const [api, links] = clariLines;
  if (!api || !links) throw new Error('The world asked for no address of Clari.');
  const stagingOf = (worker: number): string =>
    path.join(world.folder, scene.staging === 'shared' ? 'staging' : `staging-${worker}`);
  const slot = (worker: 0 | 1, line: TcpProxy): WorkerSlot =>
    new WorkerSlot(
      String(worker),
      (crashAt, onSpawn) =>
        startWorkerProcess(world, crashAt ?? undefined, {
          environment: { TEMPORAL_ADDRESS: line.address, CLARI_STAGING_DIR: stagingOf(worker) },
          settings: { idleTimeoutMs: IDLE_MS },
          limits,
          reconciling,
          sweepEveryMs: SWEEP_MS,
          onSpawn,
        }),
      log,
    );
  const slots = [slot(0, first), slot(1, second)] as const;
  const close = async (): Promise<void> => {
    await Promise.all(slots.map((one) => one.close()));
  };
  return {
    world,
    lines: {
      'temporal-0': new TimedLine(first),
      'temporal-1': new TimedLine(second),
      api: new TimedLine(api),
      links: new TimedLine(links),
    },
    workers: slots,
    log,
    stagingDirs: [...new Set(workers.map(stagingOf))],
    serverFolder,
    tokens,
    stopServer: () => server.stop(),
    async startServer() {
      server = await serve(port);
    },
    async rotate() {
      const [before, next] = [tokens.at(-1) ?? '', `chaos-token-${tokens.length + 1}`];
      tokens.push(next);
      world.clari.tokens.add({ token: next, userId: USER });
      await writeFile(`${tokenFile}.new`, next);
      await rename(`${tokenFile}.new`, tokenFile);
      return () => world.clari.tokens.revoke(before);
    },
    close,
    async remove() {
      await close();
      await world.close();
      await server.stop();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As all tests with workers of their own have them, but for retries: many runs that wait must not keep the ones that work from it. */
const patience = { heartbeat: 10, retryInitial: 1, retryMaximum: 5 } as const;
const limits: ActivityLimitOverrides = {
  ...forEveryActivity(patience),
  // A worker that takes nothing from its queue is given up sooner than an operator would.
  ...Object.fromEntries(
    ['downloadExport', 'redactExport', 'storeExport', 'discardStaging'].map((activity) => [
      activity,
      { ...patience, scheduleToStart: 12 },
    ]),
  ),
};
