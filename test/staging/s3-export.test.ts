import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { PART_BYTES } from '../../src/staging/s3/sealed-upload.js';
import type { FaultRule } from '../../src/testing/fake-clari/index.js';
import type { Child } from '../support/child.js';
import { quick, startWorkerProcess } from '../support/child-worker.js';
import { expectWhole, fetchesOf, postsOf, smallForecast, startFaulty } from '../support/faulty-runs.js';
import { until } from '../support/runs.js';
import { startWeed, type Weed } from '../support/weed.js';
import { startWorld, type World } from '../support/world.js';

const found = inject('weed');

/** More than a part of an upload at once, the rest slowly. */
const slow: FaultRule = {
  match: { endpoint: 'results' },
  fault: { kind: 'drip', bytes: 8_000, everyMs: 100, afterBytes: PART_BYTES + 2_000_000 },
  times: 1,
};

describe.skipIf('skipped' in found)('an export that is staged in S3', () => {
  let weed: Weed;
  let world: World;
  const workers: Child[] = [];
  beforeAll(async () => {
    weed = await startWeed('path' in found ? found.path : '');
    world = await startWorld({
      ...quick,
      environment: weed.environment,
      forecasts: [{ ...smallForecast('shared'), entries: 60_000 }],
      pollsUntilDone: 0,
    });
  });
  afterAll(async () => {
    for (const worker of workers) worker.signal('SIGKILL');
    await world.close();
    await weed.close();
  });

  async function startWorker(): Promise<Child> {
    // Where temporary files are.
    const worker = await startWorkerProcess(world, undefined, { environment: { TMPDIR: world.folder } });
    workers.push(worker);
    return worker;
  }

  async function partsThere(): Promise<number | undefined> {
    const [upload] = (await weed.s3.listMultipartUploads({ Bucket: weed.bucket })).Uploads ?? [];
    if (!upload?.Key) return undefined;
    const { Key, UploadId } = upload;
    return (await weed.s3.listParts({ Bucket: weed.bucket, Key, UploadId })).Parts?.length || undefined;
  }

  test('goes on at another worker, when its own is killed in the middle of the download, behind the parts that are there', async () => {
    const first = await startWorker();
    const run = await startFaulty(world, 'shared', [slow]);
    expect(await until('a part in the bucket', partsThere)).toBe(1);
    first.signal('SIGKILL');
    await first.ended;
    await startWorker();
    const receipt = await run.result();
    await expectWhole(world, receipt);
    expect(postsOf(world, 'shared')).toBe(1);
    expect(fetchesOf(world, receipt.jobId)).toMatchObject([
      { range: undefined, end: 'broken' },
      { range: `bytes=${PART_BYTES}-`, status: 206, bytesSent: receipt.raw.bytes - PART_BYTES },
    ]);
    expect((await weed.s3.listObjectsV2({ Bucket: weed.bucket })).Contents ?? []).toEqual([]);
    expect((await weed.s3.listMultipartUploads({ Bucket: weed.bucket })).Uploads ?? []).toEqual([]);
  });
});
