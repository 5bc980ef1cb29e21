import { once, setMaxListeners } from 'node:events';
import { Connection, Client } from '@temporalio/client';
import { Listr, type DefaultRenderer, type ListrTask, type SimpleRenderer } from 'listr2';
import { forEveryActivity } from '../../model/activity-limits.js';
import { DEFAULT_TASK_QUEUE } from '../../model/task-queues.js';
import type { FakeClari } from '../../testing/fake-clari/index.js';
import { startFakeClari } from '../../testing/fake-clari/index.js';
import { startTemporalDevServer, type DevServer } from '../../testing/temporal/dev-server.js';
import { resolveTemporalCli } from '../../testing/temporal/executable.js';
import { exportWithProgress, landed, type FinishedExport } from './export.js';
import { makeFolder, type DemoFolder } from './folder.js';
import { summary } from './summary.js';
import { startWorkerProcess } from './worker-process.js';

const TOKEN = 'fake-token';
const UI_PORT = 8233;
/** Nobody waits a day for a demo to fail: what goes wrong is shown after two minutes. */
const LIMITS = forEveryActivity({ scheduleToClose: 120 });
/** A terminal of fewer columns gets plain lines. */
const NARROW = 40;
const FORECASTS = [
  { forecastId: 'net_arr', forecastName: 'Net ARR', entries: 20_000, shape: 'five-lists' },
  { forecastId: 'renewals', forecastName: 'Renewals', entries: 5_000, shape: 'flat' },
] as const;

/** What the demo has started, in the order of starting, and what it came to. */
class Demo {
  server: DevServer | undefined;
  clari: FakeClari | undefined;
  client: Client | undefined;
  readonly finished: FinishedExport[] = [];
  private readonly endings: (() => Promise<void>)[] = [];
  private readonly over = new AbortController();
  /** Aborts when the demo is over, whatever is being started at that moment. */
  readonly signal = this.over.signal;

  constructor(readonly folder: DemoFolder) {
    // Each call to Temporal adds one.
    setMaxListeners(0, this.signal);
  }

  isOver(): boolean {
    return this.signal.aborted;
  }

  /** Remembers how to end what was just started; ends it at once, and throws, when the demo was over in the meantime. */
  async onEnd(ending: () => Promise<void>): Promise<void> {
    this.endings.unshift(ending);
    if (!this.isOver()) return;
    await this.end();
    throw new Error('The demo is over.');
  }

  /** Ends everything, last started first, even where one ending fails. */
  async end(): Promise<void> {
    this.over.abort();
    for (const ending of this.endings.splice(0)) await ending().catch(() => undefined);
  }
}

/**
 * Exports two forecasts of a fake Clari through a real Temporal server into a DuckDB file, and shows what landed.
 * @returns the exit code
 */
export async function runDemo({
  keep,
  folder: name,
}: {
  readonly keep: boolean;
  readonly folder: string;
}): Promise<number> {
  const began = performance.now();
  let demo: Demo;
  try {
    demo = new Demo(await makeFolder(name));
  } catch (error) {
    process.stderr.write(`${reason(error)}\n`);
    return 2;
  }
  const interrupted = Promise.race([once(process, 'SIGINT').then(() => 130), once(process, 'SIGTERM').then(() => 143)]);
  const run: Promise<undefined> = tasks(demo)
    .run()
    .then(() => undefined);
  try {
    const exitCode = await Promise.race([run, interrupted]);
    if (exitCode !== undefined) {
      process.stderr.write('\nInterrupted: ending what was started.\n');
      await demo.end();
      // What was being started at that moment is ended by its own step.
      await run.catch(() => undefined);
      return exitCode;
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(
      await summary({ ...demo.folder, ...addresses(demo), finished: sorted(demo.finished), seconds, keep }),
    );
    if (keep) await interrupted;
    return 0;
  } catch (error) {
    process.stderr.write(`\nThe demo failed: ${reason(error)}\nThe worker's log is ${demo.folder.workerLog}.\n`);
    return 1;
  } finally {
    await demo.end();
  }
}

const sorted = (finished: readonly FinishedExport[]): FinishedExport[] =>
  [...finished].sort((one, other) => one.workflowId.localeCompare(other.workflowId));

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function addresses({ server }: Demo): { address: string; uiUrl: string | undefined } {
  return { address: started(server).address, uiUrl: server?.uiUrl };
}

const isNarrow = (): boolean => process.stdout.columns < NARROW;

type Work = ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer>['task'];

function tasks(demo: Demo): { run(): Promise<unknown> } {
  /** A step that an interruption ends is no failure. */
  const step = (work: Work): Work => {
    return async (context: unknown, task) => {
      if (demo.isOver()) {
        task.skip('interrupted');
        return;
      }
      try {
        return (await work(context, task)) as unknown;
      } catch (error) {
        if (!demo.isOver()) throw error;
        task.skip('interrupted');
        return;
      }
    };
  };
  return new Listr<unknown>(
    [
      {
        title: 'Temporal server',
        task: step(async (_, task) => {
          const { path } = await resolveTemporalCli({ onProgress: (line) => (task.output = line) });
          const options = { executable: path, logFile: demo.folder.temporalLog };
          // The usual port where it is free, so that the link is the one that people know.
          const server = await startTemporalDevServer({ ...options, ui: UI_PORT }).catch(() =>
            startTemporalDevServer({ ...options, ui: true }),
          );
          demo.server = server;
          await demo.onEnd(() => server.stop());
          const connection = await Connection.connect({ address: server.address });
          await demo.onEnd(() => connection.close());
          demo.client = new Client({ connection });
          task.title = `Temporal server at ${server.address}, Web UI at ${server.uiUrl ?? 'nowhere'}`;
        }),
      },
      {
        title: 'Fake Clari',
        task: step(async (_, task) => {
          const clari = await startFakeClari({
            dialect: 'brief',
            tokens: [{ token: TOKEN, userId: 40_112 }],
            forecasts: FORECASTS,
          });
          demo.clari = clari;
          await demo.onEnd(() => clari.close());
          task.title = `Fake Clari at ${clari.apiUrl}`;
        }),
      },
      {
        title: 'Worker',
        task: step(async (_, task) => {
          const { folder } = demo;
          const worker = await startWorkerProcess(
            {
              TEMPORAL_ADDRESS: started(demo.server).address,
              CLARI_API_KEY: TOKEN,
              CLARI_BASE_URL: started(demo.clari).apiUrl,
              CLARI_ALLOWED_LINK_HOSTS: new URL(started(demo.clari).linkUrl).host,
              CLARI_DESTINATION: `duckdb:${folder.database}`,
              CLARI_STAGING_DIR: folder.staging,
              CLARI_REDACTION_KEY_FILE: folder.keyFile,
              CLARI_ENVIRONMENT: 'demo',
              CLARI_ACTIVITY_LIMITS: JSON.stringify(LIMITS),
            },
            folder.path,
            folder.workerLog,
            demo.signal,
          );
          await demo.onEnd(() => worker.stop());
          task.title = `Worker on task queue ${DEFAULT_TASK_QUEUE}`;
        }),
      },
      {
        title: 'Exports',
        task: (_, task) =>
          task.newListr(
            FORECASTS.map(({ forecastId }) => ({
              title: forecastId,
              task: step(async (_context, line) => {
                // A terminal shows one line that changes; a pipe gets a line for each stage.
                const live = process.stdout.isTTY && !isNarrow();
                const say = (text: string, stage: string): void => {
                  if (live) line.title = text;
                  else if (line.output !== stage) line.output = stage;
                };
                const client = started(demo.client);
                // A call still under way when the connection closes is tried again on it, which ends the process.
                const finished = await client.withAbortSignal(demo.signal, () =>
                  exportWithProgress(client, forecastId, say),
                );
                line.title = landed(finished);
                demo.finished.push(finished);
              }),
            })),
            { concurrent: true },
          ),
      },
    ],
    {
      rendererOptions: { collapseSubtasks: false },
      // It would break each line into letters on a terminal that does not tell its width.
      fallbackRendererCondition: isNarrow,
      // Its own handler ends the process before anything else is ended.
      registerSignalListeners: false,
      concurrent: false,
    },
  );
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('A part of the demo is used before it was started.');
  return part;
}
