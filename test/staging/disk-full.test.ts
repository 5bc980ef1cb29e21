import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLocalStaging } from '../../src/staging/local.js';
import { failing } from '../support/failing.js';
import { mayMountDisks, mountSmallDisk, type SmallDisk } from '../support/small-disk.js';
import { ownerOf } from '../support/staging-owner.js';

const MIB = 1024 * 1024;
describe.skipIf(!mayMountDisks())('fault 15: the disk of the staging folder is full', () => {
  let disk: SmallDisk;
  beforeAll(() => {
    disk = mountSmallDisk(1);
  });
  afterAll(() => disk.unmount());

  test('a download says so and goes on when there is room', async () => {
    const root = path.join(disk.path, 'staging');
    const area = await openLocalStaging(root);
    const content = randomBytes((MIB * 3) / 4);
    const hog = await area.run(ownerOf('hog')).partial('raw');
    await hog.append(Buffer.alloc(MIB / 2));
    await hog.close();
    const file = await area.run(ownerOf('run-1')).partial('raw');
    await file.restart('"v1"');
    await file.append(content.subarray(0, MIB / 8));
    const error = await failing(file.append(content.subarray(MIB / 8)));
    expect([error.type, error.message]).toEqual([
      'StagingUnavailable',
      'Staging failed while writing a download: the disk is full.',
    ]);
    await file.close();
    // Also a worker that starts now, on the full disk.
    const restarted = await openLocalStaging(root);
    expect(restarted.id).toBe(area.id);
    await restarted.run(ownerOf('hog')).discard();
    const again = await restarted.run(ownerOf('run-1')).partial('raw');
    expect(again.validator).toBe('"v1"');
    expect(again.bytes).toBeGreaterThanOrEqual(MIB / 8);
    await again.append(content.subarray(again.bytes));
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(await again.complete()).toMatchObject({ bytes: content.length, sha256 });
    await restarted.run(ownerOf('run-1')).discard();
    expect(await readdir(path.join(root, 'runs'))).toEqual([]);
  });
});
