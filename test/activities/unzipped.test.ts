import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unzipped } from '../../src/activities/unzipped.js';
import { errorOf } from '../support/http-server.js';

const plain = Buffer.from('some text that repeats, '.repeat(10_000));
const zipped = gzipSync(plain);
const pieces = (bytes: Buffer): Readable => Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]);

describe('a zipped file', () => {
  test('is read as its text', async () => {
    expect(await buffer(unzipped(pieces(zipped)))).toEqual(plain);
  });

  test.each([
    ['without its trailer', zipped.subarray(0, -8)],
    ['cut in the middle', zipped.subarray(0, 200)],
    ['with a wrong checksum', Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(8)])],
    ['that is none', plain],
  ])('%s is malformed, and nothing of zlib reaches the reader', async (_, damaged) => {
    expect(await errorOf(buffer(unzipped(pieces(damaged))))).toMatchObject({ type: 'FileMalformed' });
  });

  test('that can not be read gives the error of its source', async () => {
    const lost = new Error('lost');
    const source = new Readable({ read: () => undefined });
    const error = errorOf(buffer(unzipped(source)));
    source.destroy(lost);
    expect(await error).toBe(lost);
  });

  test('is closed when its reader goes', async () => {
    const source = new Readable({ read: () => undefined });
    const text = unzipped(source);
    const closed = new Promise((resolve) => source.once('close', resolve));
    text.destroy();
    await closed;
    expect(source.destroyed).toBe(true);
  });
});
