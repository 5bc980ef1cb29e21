import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GzipCheck } from '../../src/download/gzip-check.js';
import { Closing, errorOf } from '../support/http-server.js';
import { bench, fileOf, fileServer, sha256, type Bench, type Reply } from './fixture.js';

const closing = new Closing();
afterEach(() => closing.all());
let desk: Bench;
beforeEach(async () => {
  desk = await bench(closing);
});

const zipped = gzipSync(fileOf(400_000));
const spoilt = Buffer.from(zipped);
spoilt.writeUInt8(spoilt.readUInt8(spoilt.length - 6) ^ 1, spoilt.length - 6);

/** With a length, in chunks, or ended by the connection alone. */
const sent = (body: Buffer, how: 'length' | 'chunks' | 'close' = 'length'): Reply => {
  return (response) => {
    if (how === 'close') response.useChunkedEncodingByDefault = false;
    const length = how === 'length' ? { 'content-length': String(body.length) } : {};
    const close = how === 'close' ? { connection: 'close' } : {};
    response.writeHead(200, { etag: '"v"', 'content-encoding': 'gzip', ...length, ...close }).end(body);
  };
};

describe('a zipped file that HTTP calls whole', () => {
  it.each([
    ['without its trailer', zipped.subarray(0, -8)],
    ['without its last byte', zipped.subarray(0, -1)],
    ['cut in the middle', zipped.subarray(0, 50_000)],
    ['with a wrong checksum', spoilt],
    ['that is empty', Buffer.alloc(0)],
    ['that is no gzip at all', randomBytes(300_000)],
  ])('%s is asked for again from its first byte', async (_, damaged) => {
    const server = await fileServer(closing, [sent(damaged, 'chunks'), sent(zipped)]);
    expect(await desk.attempt(server)).toMatchObject({ links: 2, sha256: sha256(zipped), contentEncoding: 'gzip' });
    expect(server.served[1]?.headers.range).toBeUndefined();
  });

  it('is given up when it is damaged twice', async () => {
    const server = await fileServer(closing, [sent(spoilt)]);
    expect(await errorOf(desk.attempt(server))).toMatchObject({ type: 'FileMalformed' });
    expect(server.served).toHaveLength(2);
  });

  it('is proved whole by its trailer where HTTP proves nothing', async () => {
    const server = await fileServer(closing, [sent(zipped, 'close')]);
    expect(await desk.attempt(server)).toMatchObject({ links: 1, lengthProven: true, sha256: sha256(zipped) });
  });
});

describe('the room of a zipped file', () => {
  const MIB = 1024 * 1024;
  const repeated = (mib: number): Buffer => gzipSync(Buffer.alloc(mib * MIB, '{"amount":1},'));

  it.each(['length', 'chunks'] as const)('is that of its text, told by %s', async (how) => {
    const small = await bench(closing, { maxBytes: 30 * MIB });
    const [fits, tooLong] = [repeated(6), repeated(12)];
    const server = await fileServer(closing, [sent(fits, how), sent(tooLong, how)]);
    expect(await small.attempt(server)).toMatchObject({ links: 1, bytes: fits.length });
    expect(await errorOf(small.attempt(server))).toMatchObject({ type: 'StagingTooSmall' });
  });
});

describe('the check of a gzip stream', () => {
  const check = async (bytes: Buffer, step: number): Promise<boolean> => {
    const gzip = new GzipCheck();
    for (let at = 0; at < bytes.length; at += step) await gzip.write(bytes.subarray(at, at + step));
    return gzip.isWhole();
  };

  it('takes it in pieces of any size', async () => {
    for (const step of [7, 1000, 70_000, zipped.length]) expect(await check(zipped, step), String(step)).toBe(true);
  });

  it('ends at once where nobody asks for the end', async () => {
    const gzip = new GzipCheck();
    await gzip.write(zipped.subarray(0, 1000));
    expect(() => gzip.drop()).not.toThrow();
  });

  it('goes on taking bytes after it has found damage', async () => {
    expect(await check(Buffer.concat([randomBytes(100_000), zipped]), 1000)).toBe(false);
  });
});
