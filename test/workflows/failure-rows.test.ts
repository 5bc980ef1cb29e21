import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/activities/index.js';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import type { Destination, LoadSession } from '../../src/destinations/port.js';
import { failures, type FailureType } from '../../src/model/failures.js';
import { taskQueues } from '../../src/model/task-queues.js';
import { SecretMask } from '../../src/telemetry/secret-mask.js';
import { makeParts, type Parts } from '../../src/worker/parts.js';
import { startChild } from '../support/child.js';
import { expectRow, type RowFromInside } from '../support/failure-rows.js';
import { smallForecast, timePeriod } from '../support/faulty-runs.js';
import { textsOf } from '../../src/leak-scan/texts.js';
import { start, type ExportHandle } from '../support/runs.js';
import { sdkLogs } from '../support/sdk-logs.js';
import { witnessEnd } from '../support/witness.js';
import { startWorld, type World } from '../support/world.js';

/** Has no business in a failure, whoever wrote the error that it stands in. */
const CELL = 'Wilhelmina Quux';

/** The rows that a spoilt destination brings about. */
type SpoiltRow = Exclude<RowFromInside, 'ConfigurationInvalid' | 'LedgerUnavailable' | 'PolicyRefused'>;

/** Destinations that make a run end so: the real one, but for one thing. */
const spoilt = {
  CountsDisagree: (real: Destination): Destination => ({
    ...throughout(real),
    prepare: async (load, signal) => {
      const session = await real.prepare(load, signal);
      const miscounting: LoadSession = {
        previous: (receipt) => session.previous(receipt),
        publish: (receipt) => session.publish(receipt),
        close: () => session.close(),
        async stage(table) {
          const landed = await session.stage(table);
          return { ...landed, rows: landed.rows + 1 };
        },
      };
      return miscounting;
    },
  }),
  LoadSuperseded: (real: Destination): Destination => ({
    ...throughout(real),
    prepare: async (load, signal) => {
      const session = await real.prepare(load, signal);
      const later = await real.prepare(load, signal);
      await later.close();
      return session;
    },
  }),
  Unexpected: (real: Destination): Destination => ({
    ...throughout(real),
    prepare: () => Promise.reject(new TypeError(`"${CELL}" is not what was thought of`)),
  }),
} as const satisfies Record<SpoiltRow, (real: Destination) => Destination>;
const spoiltRows = Object.keys(spoilt) as SpoiltRow[];

/** A second attempt, and no time for the wait before a third one. */
const twoAttempts = { scheduleToClose: 45, retryInitial: 16, retryMaximum: 60 };

/** A destination’s methods are those of a class, which a spread leaves behind. */
function throughout(real: Destination): Destination {
  return {
    label: real.label,
    check: () => real.check(),
    published: (load) => real.published(load),
    landed: (query) => real.landed(query),
    prepare: (load, signal) => real.prepare(load, signal),
    closeRun: (runId) => real.closeRun(runId),
  };
}

/** Beside the connection of the worker's settings, one for each row that is named after it. */
function withSpoilt(made: Parts): Parts {
  const also = made.connections.flatMap((one) =>
    spoiltRows.map((name): Connection => ({ ...one, name, destination: spoilt[name](one.destination) })),
  );
  return { ...made, connections: [...made.connections, ...also] };
}

describe('a run ends as the row of the failure table says', () => {
  let world: World;
  const runs = new Map<SpoiltRow, ExportHandle>();
  beforeAll(async () => {
    world = await startWorld({
      forecasts: spoiltRows.map(smallForecast),
      adapt: withSpoilt,
      settings: { limits: { storeExport: twoAttempts } },
    });
    for (const row of spoiltRows)
      runs.set(row, await start(world, { forecastId: row, timePeriod, connection: row }, row));
  });
  afterAll(() => world.close());

  test.each(spoiltRows)('%s', async (row) => {
    const run = runs.get(row);
    if (!run) throw new Error(`${row} has no run`);
    const witness = await witnessEnd(run);
    expectRow(row, witness);
    expect(witness.activities.map(({ activity }) => activity)).toEqual(['storeExport']);
    const told = [textsOf(await run.fetchHistory()), ...world.logs, ...sdkLogs].join('\n');
    expect(told).toContain(run.workflowId);
    expect(told).not.toContain(CELL);
    expect(await world.rows(`SELECT count(*)::INT FROM exports WHERE forecast_id = '${row}'`)).toEqual([[0]]);
  });
});

test('a run that took the id of its own ledger ends as LedgerUnavailable, and the next run finds the ledger', async () => {
  const brief = { scheduleToClose: 10, retryInitial: 4, retryMaximum: 60 };
  const limits = { startExport: brief, discardStaging: brief };
  const world = await startWorld({ forecasts: [smallForecast('f')], settings: { limits } });
  try {
    const request = { forecastId: 'f', timePeriod };
    const squatter: ExportHandle = await world.client.workflow.start('exportForecast', {
      taskQueue: world.taskQueue,
      workflowId: taskQueues(world.taskQueue).account('default'),
      args: [request],
    });
    const witness = await witnessEnd(squatter);
    expectRow('LedgerUnavailable', witness);
    expect(witness.activities.map(({ activity }) => activity)).toEqual(['startExport', 'discardStaging']);
    expect(witness.error.cause?.toString()).toContain(squatter.workflowId);
    expect((await world.export(request)).complete).toBe(true);
  } finally {
    await world.close();
  }
});

/** All that is wrong with a configuration is told at once, so that no single row but this one can give the exit code. */
describe('the start of a worker ends as ConfigurationInvalid', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'failure-rows-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const environment = (): Record<string, string> => ({
    CLARI_API_KEY: 'not-a-real-token',
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
    CLARI_STAGING_DIR: path.join(folder, 'staging'),
    CLARI_DESTINATION: `duckdb:${path.join(folder, 'warehouse.duckdb')}`,
  });

  test('with the exit code and the remedy of its row', async () => {
    const { PATH = '' } = process.env;
    const { exitCode, stderr } = await startChild('src/cli.ts', ['worker'], {
      cwd: folder,
      env: { PATH, HOME: folder, ...environment(), CLARI_BASE_URL: 'http://clari.example/v4' },
    }).ended;
    const { remedy, exitCode: code } = failures.ConfigurationInvalid;
    expect(stderr).toContain('plain http to clari.example');
    expect(stderr.trimEnd().endsWith(` ${remedy}`)).toBe(true);
    expect(exitCode).toBe(code);
  });

  test('with the remedy of PolicyRefused where settings made by a program name a policy that there is not', async () => {
    const settings = settingsFromEnvironment(environment());
    const connections = settings.connections.map((one) => ({ ...one, policy: 'nosuch' }));
    const faults = await makeParts({ ...settings, connections }, new SecretMask()).then(
      () => [],
      (error: unknown) => (error instanceof ConfigurationError ? error.faults : [String(error)]),
    );
    const { remedy } = failures['PolicyRefused' satisfies FailureType];
    expect(faults).toEqual([expect.stringMatching(/^There is no policy of that name; the built-in ones are /)]);
    expect(faults[0]?.endsWith(` ${remedy}`)).toBe(true);
  });
});
