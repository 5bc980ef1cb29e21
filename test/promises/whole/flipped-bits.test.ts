import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { forecastTables } from '../../../src/model/tables.js';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import {
  expectWhole,
  fetchesOf,
  postsOf,
  quickRetries,
  smallForecast,
  startFaulty,
} from '../../support/faulty-runs.js';
import { share } from '../../support/share.js';
import { watchingStaging, type StagingLook } from '../../support/watched-staging.js';
import { startWeed, type Weed } from '../../support/weed.js';
import { startWorld, type World, type WorldOptions } from '../../support/world.js';
import { stagedAs, withoutEpoch } from '../../support/staged-files.js';

/* A bit flips in what is staged (fault 26), between the step that wrote it and the one that reads it. */

interface Row {
  /** Of the run and its forecast. */
  readonly name: string;
  readonly of: string;
  /** The look before which it happens: the first one of that kind, unless it says another. */
  readonly before: Pick<StagingLook, 'how' | 'name'> & { readonly time?: number };
  /** Files of the run, by name. */
  readonly flipped: string;
  /** Place of the byte. Default the middle. */
  readonly at?: number;
  /** Downloads that came to their end. Default 2: the second one after the first was lost. */
  readonly fetches?: number;
  readonly entries?: number;
  /** Breaks the first download off, so that another attempt goes on from what is staged. */
  readonly cutAt?: number;
}

const raw = { how: 'read', name: 'raw' } as const;
const firstTable = { how: 'open', name: `${forecastTables[0].name}.parquet` } as const;

const sealed: readonly Row[] = [
  { name: 'raw', of: 'the file as it came', before: raw, flipped: 'raw' },
  { name: 'key-of-raw', of: 'the key, before redaction', before: raw, flipped: '.key' },
  { name: 'key-of-tables', of: 'the key, before landing', before: firstTable, flipped: '.key' },
  ...forecastTables.map(({ name }): Row => {
    const file = `${name}.parquet`;
    return { name, of: `the table ${name}`, before: { how: 'open', name: file }, flipped: file };
  }),
];

const goingOn = { how: 'partial', name: 'raw', time: 2 } as const;
const inFolder: readonly Row[] = [
  {
    name: 'part',
    of: 'a download that broke off',
    before: goingOn,
    flipped: 'raw.part',
    fetches: 1,
    entries: 4_000,
    cutAt: 900_000,
  },
  {
    name: 'version',
    of: 'the note of its version',
    before: goingOn,
    flipped: 'raw.part.version',
    fetches: 1,
    entries: 4_000,
    cutAt: 900_000,
  },
];

const inBucket: readonly Row[] = [
  {
    name: 'note',
    of: 'the note of a download that broke off',
    before: goingOn,
    flipped: 'raw.part',
    at: 0,
    fetches: 1,
    entries: 4_000,
    cutAt: 900_000,
  },
];

/** With what a title may show whole. */
const titled = (rows: readonly Row[]) => rows.map((row) => [row.of, row] as const);

/** Runs whose staged bytes change once, each as its row says. */
class Flips {
  private world!: World;
  private readonly done = new Set<string>();

  constructor(
    private readonly rows: readonly Row[],
    private readonly flip: (look: StagingLook, row: Row) => Promise<void>,
  ) {}

  async open(options: WorldOptions = {}): Promise<World> {
    this.world = await startWorld({
      forecasts: this.rows.map(({ name, entries = 200 }) => ({ ...smallForecast(name), entries })),
      pollsUntilDone: 0,
      concurrentLimit: 100,
      // All that came before a stall is kept, where a broken connection takes along what was not read yet.
      settings: { limits: quickRetries, idleTimeoutMs: 5_000 },
      adapt: watchingStaging((look) => this.looked(look)),
      ...options,
    });
    return this.world;
  }

  /** Lands as if nothing had happened, from the same job. */
  async lands({ name, cutAt, fetches = 2 }: Row): Promise<void> {
    const match = { endpoint: 'results' } as const;
    const cut: FaultRule[] =
      cutAt === undefined
        ? []
        : [
            { match, fault: { kind: 'stall', afterBytes: cutAt } },
            { match, after: 1, fault: { kind: 'status', status: 503 } },
          ];
    const receipt = await (await startFaulty(this.world, name, cut)).result();
    expect(this.done).toContain(name);
    await expectWhole(this.world, receipt);
    expect(postsOf(this.world, name)).toBe(1);
    const whole = fetchesOf(this.world, receipt.jobId).filter(({ status = 0, end }) => status < 300 && end === 'whole');
    expect(whole).toHaveLength(fetches);
    const loads = `SELECT count(*)::INT FROM clari_loads WHERE export_id = '${receipt.exportId}'`;
    expect(await this.world.rows(loads)).toEqual([[1]]);
  }

  private async looked(look: StagingLook): Promise<void> {
    const row = this.rows.find(({ name }) => look.owner.workflowId.startsWith(`${name}-`));
    if (!row) return;
    const { how, name, time = 1 } = row.before;
    if (look.how === how && look.name === name && look.time === time) {
      await this.flip(look, row);
      this.done.add(row.name);
    }
  }
}

function flippedIn(bytes: Uint8Array, place = bytes.length >> 1): Buffer {
  const changed = Buffer.from(bytes);
  return changed.fill((changed[place] ?? 0) ^ 1, place, place + 1);
}

describe('fault 26: a bit that flips in a folder', () => {
  let world: World;
  const rows = [...sealed, ...inFolder];
  const flips = new Flips(rows, async ({ owner }, { flipped, at: place }) => {
    const run = path.join(world.folder, 'staging', 'runs', owner.runKey);
    for (const at of await stagedAs(flipped, run)) await writeFile(at, flippedIn(await readFile(at), place));
  });
  beforeAll(async () => {
    world = await flips.open();
  });
  afterAll(() => world.close());

  test.concurrent.for(share(titled(rows)))('in %s is found before anything is published, and costs no job', ([, row]) =>
    flips.lands(row),
  );
});

const found = inject('weed');

describe.skipIf('skipped' in found)('fault 26: a bit that flips in a bucket', () => {
  let weed: Weed;
  let world: World;
  const rows = [
    ...sealed.filter(({ name }) => !name.startsWith('forecast_') || name === 'forecast_users'),
    ...inBucket,
  ];
  const flips = new Flips(rows, async ({ owner }, { flipped, at: place }) => {
    const prefix = `staging/runs/${owner.runKey}/`;
    const { Contents = [] } = await weed.s3.listObjectsV2({ Bucket: weed.bucket, Prefix: prefix });
    for (const { Key = '' } of Contents) {
      if (withoutEpoch(Key.slice(prefix.length)) !== flipped) continue;
      const at = { Bucket: weed.bucket, Key };
      const { Body } = await weed.s3.getObject(at);
      await weed.s3.putObject({ ...at, Body: flippedIn(await buffer(Body as Readable), place) });
    }
  });
  beforeAll(async () => {
    weed = await startWeed('path' in found ? found.path : '');
    // The AWS SDK reads them from there alone.
    for (const [name, value] of Object.entries(weed.environment)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
    world = await flips.open({ environment: weed.environment });
  });
  afterAll(async () => {
    await world.close();
    vi.unstubAllEnvs();
    await weed.close();
  });

  test.concurrent.for(share(titled(rows)))('in %s is found before anything is published, and costs no job', ([, row]) =>
    flips.lands(row),
  );
});
