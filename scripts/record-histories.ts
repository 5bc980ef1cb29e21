/** `npm run histories`: records the histories that every later version must replay, from real runs on a server of its own. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdMessages } from '../src/model/hold.js';
import { ExportError } from '../src/model/export-error.js';
import { startTemporalDevServer } from '../src/testing/temporal/dev-server.js';
import { changeNext, entriesTimes } from '../test/support/changed-files.js';
import { ClariProxy } from '../test/support/clari-proxy.js';
import { toPlain, type History } from '../test/support/history-json.js';
import { openWorld, type Ground, type World, type WorldOptions } from '../test/support/open-world.js';
import { ending, reset, stage, start, type ExportHandle } from '../test/support/runs.js';
import { withLoads, withRedaction } from '../test/support/spoilt-parts.js';
import { bundleWorkflowsInto } from '../test/support/workflow-bundle.js';

const folder = fileURLToPath(new URL('../test/promises/replayable/histories/', import.meta.url));
const forecasts = [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries: 200, shape: 'five-lists' }] as const;
const asked = { forecastId: 'net_arr', timePeriod: '2027_Q2' };

interface Recording {
  readonly name: string;
  readonly shows: string;
  readonly options?: WorldOptions;
  /** Brings about what is recorded; answers the workflow’s id. */
  readonly run: (world: World) => Promise<string>;
}

async function ended(world: World, request: object, name: string): Promise<string> {
  const handle = await start(world, request, name);
  await ending(world.client, handle);
  return handle.workflowId;
}

let proxy: ClariProxy;
const throughProxy: WorldOptions = {
  apiUrl: async (clari) => {
    proxy = await ClariProxy.start(clari.apiUrl);
    return proxy.apiUrl;
  },
};

const recordings: readonly Recording[] = [
  {
    name: 'landed-published',
    shows: 'an export of the published dialect, from request to receipt',
    run: (world) => ended(world, asked, 'landed'),
  },
  {
    name: 'landed-brief',
    shows: 'an export of the brief dialect with a flat file, by way of a download link',
    options: { dialect: 'brief', forecasts: [{ ...forecasts[0], shape: 'flat' }] },
    run: (world) => ended(world, asked, 'landed'),
  },
  {
    name: 'job-failed',
    shows: 'Clari ends the job as FAILED, the run fails and clears up',
    run: (world) => {
      world.clari.jobs.failNext();
      return ended(world, asked, 'failed');
    },
  },
  {
    name: 'cancelled',
    shows: 'a run that is cancelled while Clari exports cancels the job and clears up',
    options: { pollsUntilDone: 1_000 },
    async run(world) {
      const handle = await start(world, asked, 'cancelled');
      await stage(handle, 'exporting');
      await handle.cancel();
      await ending(world.client, handle);
      return handle.workflowId;
    },
  },
  {
    name: 'bad-input',
    shows: 'a request with faults fails before the first step',
    run: (world) => ended(world, { forecastId: 'not an id!', timePeriod: 'Q2' }, 'bad'),
  },
  {
    name: 'waited-for-capacity',
    shows: 'a run waits for a slot at Clari, then exports',
    options: { concurrentLimit: 1 },
    async run(world) {
      const { jobs } = world.clari;
      const request = { ...asked, typesToExport: ['forecast'], currency: null, scopeId: null } as const;
      const foreign = jobs.create(1, { ...request, includeHistorical: false });
      const handle = await start(world, asked, 'waited');
      await stage(handle, 'waiting for capacity');
      jobs.update(foreign.jobId, { state: 'done' });
      await ending(world.client, handle);
      return handle.workflowId;
    },
  },
  {
    name: 'polled',
    shows: 'a run that finds the job unfinished, and in a state that nobody knows, before it is done',
    options: {
      faults: [{ match: { endpoint: 'jobStatus' }, fault: { kind: 'states', words: ['STARTED', 'SHUFFLING'] } }],
    },
    run: (world) => ended(world, asked, 'polled'),
  },
  {
    name: 'resumed',
    shows: 'a download that breaks off is tried again and goes on from the bytes that are there',
    options: {
      forecasts: [{ ...forecasts[0], entries: 4_000 }],
      faults: [{ match: { endpoint: 'results' }, times: 6, fault: { kind: 'reset', afterBytes: 200_000 } }],
    },
    run: (world) => ended(world, asked, 'resumed'),
  },
  {
    name: 'lost-answer',
    shows: 'the answer to the request for a job is lost; the job is found in Clari’s list',
    options: {
      faults: [{ match: { endpoint: 'createForecastExport' }, fault: { kind: 'lose-answer' } }],
      reconciling: { quiet: 4_000, giveUp: 20_000, lookAgain: 500 },
    },
    run: (world) => ended(world, asked, 'lost-answer'),
  },
  {
    name: 'unknown-forecast',
    shows: 'what was asked for does not exist (exit code 2)',
    run: (world) => ended(world, { ...asked, forecastId: 'no_such' }, 'unknown'),
  },
  {
    name: 'token-revoked',
    shows: 'the token dies while Clari exports (exit code 3)',
    options: { faults: [{ match: { endpoint: 'jobStatus' }, after: 1, fault: { kind: 'revoke-token' } }] },
    run: (world) => ended(world, asked, 'revoked'),
  },
  {
    name: 'quota-exhausted',
    shows: 'no export becomes free in time (exit code 5)',
    options: { monthlyQuota: 0, settings: { limits: { awaitCapacity: { scheduleToClose: 10 } } } },
    run: (world) => ended(world, asked, 'exhausted'),
  },
  {
    name: 'truncated',
    shows: 'Clari cut the result (exit code 6)',
    options: { maxRows: 10 },
    run: (world) => ended(world, asked, 'truncated'),
  },
  {
    name: 'split',
    shows: 'Clari cut the result; each type is exported by itself, and all land as one',
    options: {
      concurrentLimit: 6,
      faults: [{ match: { endpoint: 'createForecastExport' }, fault: { kind: 'job', rowsTruncated: true } }],
    },
    run: (world) => ended(world, { ...asked, splitIfTruncated: true }, 'split'),
  },
  {
    name: 'leak-found',
    shows: 'redaction finds a value where it may not be (exit code 7)',
    options: { adapt: withRedaction(() => Promise.reject(new ExportError('LeakFound', 'A value was found.'))) },
    run: (world) => ended(world, asked, 'leak'),
  },
  {
    name: 'destination-unavailable',
    shows: 'the destination can not be written until the step’s time is up (exit code 8)',
    options: {
      adapt: withLoads(() => Promise.reject(new ExportError('DestinationUnavailable', 'The destination is gone.'))),
      settings: { limits: { storeExport: { scheduleToClose: 10 } } },
    },
    run: (world) => ended(world, asked, 'unavailable'),
  },
  {
    name: 'staging-too-small',
    shows: 'the file does not fit into staging (exit code 9)',
    options: {
      adapt: withRedaction(() => Promise.reject(new ExportError('StagingTooSmall', 'It does not fit.'))),
    },
    run: (world) => ended(world, asked, 'too-small'),
  },
  {
    name: 'unforeseen',
    shows: 'an error that nobody has foreseen, until the step’s time is up (exit code 1)',
    options: {
      adapt: withLoads(() => Promise.reject(new TypeError('not thought of'))),
      settings: { limits: { storeExport: { scheduleToClose: 10 } } },
    },
    run: (world) => ended(world, asked, 'unforeseen'),
  },
  {
    name: 'downloaded-again',
    shows: 'a file that is not whole is downloaded once more, and is then',
    options: {
      faults: [
        {
          match: { endpoint: 'results' },
          times: 1,
          fault: { kind: 'status', status: 200, envelope: 'text', message: 'no file' },
        },
      ],
    },
    run: (world) => ended(world, asked, 'again'),
  },
  {
    name: 'out-of-time',
    shows: 'the deadline of the whole run passes while Clari exports',
    options: { pollsUntilDone: 1_000_000, settings: { deadline: 5 } },
    run: (world) => ended(world, asked, 'out-of-time'),
  },
  {
    name: 'held',
    shows: 'an export with much less than the last snapshot is held; somebody accepts it, and it lands',
    options: throughProxy,
    async run(world) {
      try {
        await ended(world, asked, 'before');
        changeNext(proxy, entriesTimes(0.25));
        const handle = await start(world, asked, 'held');
        await stage(handle, 'held');
        await handle.executeUpdate(holdMessages.accept, { args: [{ by: 'QA-17' }] });
        await ending(world.client, handle);
        return handle.workflowId;
      } finally {
        await proxy.close();
      }
    },
  },
  {
    name: 'held-in-vain',
    shows: 'an export with nothing after something is held, and nobody accepts it in time (exit code 6)',
    options: {
      ...throughProxy,
      settings: ({ connections }) => ({
        connections: connections.map((one) => ({ ...one, hold: { ...one.hold, seconds: 1 } })),
      }),
    },
    async run(world) {
      try {
        await ended(world, asked, 'before');
        changeNext(proxy, entriesTimes(0));
        return await ended(world, asked, 'held-in-vain');
      } finally {
        await proxy.close();
      }
    },
  },
  {
    name: 'reset',
    shows: 'a run that an operator reset to its first task gets its own job back and lands it once more',
    async run(world) {
      const workflowId = await ended(world, asked, 'reset');
      const { client } = world;
      await reset(client, workflowId);
      await ending(client, client.workflow.getHandle(workflowId) as ExportHandle);
      return workflowId;
    },
  },
  {
    name: 'account',
    shows: 'the ledger of an account during two exports, one of them joined and one made anew',
    async run(world) {
      await Promise.all([ended(world, asked, 'first'), ended(world, asked, 'joined')]);
      await ended(world, { ...asked, fresh: true }, 'fresh');
      return `${world.taskQueue}-account-default`;
    },
  },
];

/** Without what tells of the machine: who polled, and where staging was. */
function scrubbed(history: History, places: readonly string[]): unknown {
  const withoutPlaces = (text: string): string => places.reduce((rest, place) => rest.replaceAll(place, ''), text);
  // A worker's own queue is named like its identity, process id and host name.
  const clean = (text: string): string => withoutPlaces(text).replace(/\b\d+@[\w.-]+/g, 'recorder');
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') {
      if (name === 'identity') return 'recorder';
      // Payloads are bytes, given as base64.
      if (name === 'data') return Buffer.from(clean(Buffer.from(value, 'base64').toString('utf8'))).toString('base64');
      return clean(value);
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, key)]));
  };
  return walk(toPlain(history), '');
}

async function record(ground: Ground, { name, options, run }: Recording): Promise<void> {
  const world = await openWorld(ground, { dialect: 'published', forecasts, ...options });
  try {
    const workflowId = await run(world);
    const history = await world.client.workflow.getHandle(workflowId).fetchHistory();
    const places = [await realpath(world.folder), world.folder];
    await writeFile(path.join(folder, `${name}.json`), `${JSON.stringify(scrubbed(history, places))}\n`);
    console.log(`${name}: ${history.events?.length ?? 0} events`);
  } finally {
    await world.close();
  }
}

const own = await mkdtemp(path.join(os.tmpdir(), 'clari-record-'));
const server = await startTemporalDevServer({ logFile: path.join(own, 'server.log') });
try {
  const codePath = await bundleWorkflowsInto(own);
  const only = process.argv.slice(2);
  const wanted = recordings.filter(({ name }) => only.length === 0 || only.includes(name));
  for (const recording of wanted) await record({ address: server.address, codePath }, recording);
  const index = Object.fromEntries(recordings.map(({ name, shows }) => [`${name}.json`, shows]));
  await writeFile(path.join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
} finally {
  await server.stop();
  await rm(own, { recursive: true, force: true });
}
