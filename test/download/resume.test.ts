import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../src/download/download.js';
import { Closing, errorOf } from '../support/http-server.js';
import {
  bench,
  broken,
  fileOf,
  fileServer,
  good,
  rangeStart,
  sha256,
  status,
  type Bench,
  type FileServer,
  type Reply,
} from './fixture.js';

const closing = new Closing();
afterEach(() => closing.all());

const SIZE = 1_500_000;
const HALF = 700_000;
const file = fileOf(SIZE);
let desk: Bench;

beforeEach(async () => {
  desk = await bench(closing);
});

/** First a download that breaks half-way, then what the replies make of its continuation. */
async function afterABreak(...replies: Reply[]) {
  const server = await fileServer(closing, [broken(file, HALF, 'cut'), ...replies]);
  const result = await desk.attempt(server);
  return { ...result, starts: startsOf(server) };
}

/** Where each request began; undefined where it asked for all. */
function startsOf({ served }: FileServer): (number | undefined)[] {
  return served.map(({ headers }) =>
    headers.range === undefined ? undefined : Number(/\d+/.exec(headers.range)?.[0]),
  );
}

/** What a break half-way leaves: all that came, but for what was still on its way through this process. */
const nearHalf = expect.toSatisfy((start: number) => start > HALF - 200_000 && start <= HALF) as number;

/** A 206 with what follows the first byte that was asked for, and the headers that `wrong` makes of it. */
const part = (wrong: (from: number) => Readonly<Record<string, string>>, length = SIZE): Reply => {
  return (response, request) => {
    const from = rangeStart(request);
    const body = file.subarray(from, from + length);
    response.writeHead(206, { 'content-length': String(body.length), ...wrong(from) }).end(body);
  };
};

describe('a download', () => {
  it('that nothing disturbs takes one link and no range', async () => {
    const server = await fileServer(closing, [good(file)]);
    expect(await desk.attempt(server)).toEqual({
      bytes: SIZE,
      etag: '"version-1"',
      resumedFrom: 0,
      links: 1,
      contentEncoding: 'identity',
      lengthProven: true,
      sha256: sha256(file),
    });
    expect(server.served).toHaveLength(1);
    expect(server.served[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(server.served[0]?.headers.range).toBeUndefined();
  });

  it('says how far it is, each MiB and at the end', async () => {
    const big = fileOf(5_000_000);
    const seen: number[] = [];
    await desk.attempt(await fileServer(closing, [good(big)]), { onProgress: (bytes) => seen.push(bytes) });
    expect(seen.at(-1)).toBe(big.length);
    expect(seen.length).toBeLessThanOrEqual(6);
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  it('writes pieces of 256 KiB and more, whatever the network gives', async () => {
    const sizes: number[] = [];
    const target = {
      bytes: 0,
      validator: undefined,
      restart: () => Promise.resolve(),
      makeRoom: () => Promise.resolve(),
      close: () => Promise.resolve(),
      append: (chunk: Uint8Array) => {
        sizes.push(chunk.length);
        return Promise.resolve();
      },
    };
    const server = await fileServer(closing, [good(file)]);
    const unused = closing.add(await desk.file());
    await download({ ...desk.options(server, unused), file: target });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(SIZE);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(256 * 1024);
    expect(sizes.length).toBeGreaterThan(1);
  });

  it('of an empty file is complete', async () => {
    expect(await desk.attempt(await fileServer(closing, [good(Buffer.alloc(0))]))).toMatchObject({
      bytes: 0,
      lengthProven: true,
    });
  });

  it('of chunks with an end mark is proved complete without a length', async () => {
    const server = await fileServer(closing, [(response) => response.writeHead(200).end(file)]);
    expect(await desk.attempt(server)).toMatchObject({ sha256: sha256(file), lengthProven: true });
  });

  it('that ends with the connection alone is taken, as unproven (fault 7)', async () => {
    const server = await fileServer(closing, [
      (response) => {
        response.useChunkedEncodingByDefault = false;
        response.sendDate = false;
        response.writeHead(200, { connection: 'close' }).end(file);
      },
    ]);
    expect(await desk.attempt(server)).toMatchObject({ sha256: sha256(file), lengthProven: false });
  });
});

describe('a body that stalls or drips (fault 6)', () => {
  it('may be slow as long as it moves', async () => {
    const small = fileOf(12);
    const server = await fileServer(closing, [
      (response) => {
        response.writeHead(200, { 'content-length': '12' });
        let sent = 0;
        const timer = setInterval(() => {
          response.write(small.subarray(sent, ++sent));
          if (sent === small.length) clearInterval(timer);
        }, 150);
      },
    ]);
    expect(await desk.attempt(server, { idleTimeoutMs: 1_000 })).toMatchObject({ links: 1, sha256: sha256(small) });
  });

  it('after its headers is given up, and the file asked for again', async () => {
    const server = await fileServer(closing, [broken(file, 0, 'stall'), good(file)]);
    expect(await desk.attempt(server, { idleTimeoutMs: 1_500 })).toMatchObject({ links: 2, sha256: sha256(file) });
  });

  it('half-way is given up, and goes on from the bytes that came', async () => {
    const server = await fileServer(closing, [broken(file, HALF, 'stall'), good(file)]);
    expect(await desk.attempt(server, { idleTimeoutMs: 1_500 })).toMatchObject({ links: 2, sha256: sha256(file) });
    expect(startsOf(server)).toEqual([undefined, nearHalf]);
    expect(server.served[1]?.headers['if-range']).toBe('"version-1"');
  });
});

describe('a body that is cut (fault 7)', () => {
  it.each(['cut', 'cut chunked'] as const)('is continued, never taken as complete: %s', async (how) => {
    const server = await fileServer(closing, [broken(file, HALF, how), good(file)]);
    expect(await desk.attempt(server)).toMatchObject({
      links: 2,
      bytes: SIZE,
      sha256: sha256(file),
      lengthProven: true,
    });
    expect(startsOf(server)).toEqual([undefined, nearHalf]);
  });

  it('again and again uses up the links, keeps its bytes, and the next attempt goes on from them', async () => {
    const server = await fileServer(closing, [broken(file, 200_000, 'cut')]);
    const error = await errorOf(desk.attempt(server));
    expect(error).toMatchObject({ type: 'DownloadInterrupted' });
    const reached = Number(/at byte (\d+) after 5 links/.exec((error as Error).message)?.[1]);
    const [first, ...starts] = startsOf(server);
    expect(first).toBeUndefined();
    expect(starts).toHaveLength(4);
    expect([...starts, reached]).toEqual([...new Set([...starts, reached])].sort((a, b) => Number(a) - Number(b)));

    const next = await fileServer(closing, [good(file)]);
    expect(await desk.attempt(next)).toMatchObject({
      resumedFrom: reached,
      links: 1,
      bytes: SIZE,
      sha256: sha256(file),
    });
    expect(next.served[0]?.headers).toMatchObject({ range: `bytes=${reached}-`, 'if-range': '"version-1"' });
  });

  it('with a length larger than the file is never complete', async () => {
    const server = await fileServer(closing, [
      (response) => {
        response.writeHead(200, { 'content-length': String(SIZE + 10) });
        response.write(file, () => response.socket?.destroySoon());
      },
    ]);
    expect(await errorOf(desk.attempt(server))).toMatchObject({ type: 'DownloadInterrupted' });
  });
});

describe('the choice between going on and beginning anew (fault 8)', () => {
  const etag = '"version-1"';
  const right = (from: number) => ({ etag, 'content-range': `bytes ${from}-${SIZE - 1}/${SIZE}` });

  it('goes on from a right part', async () => {
    expect(await afterABreak(part(right))).toMatchObject({
      links: 2,
      sha256: sha256(file),
      starts: [undefined, nearHalf],
    });
  });

  it('goes on from a right part that says less than the rest, and asks for what is left', async () => {
    const short = part((from) => ({ etag, 'content-range': `bytes ${from}-${from + 999}/${SIZE}` }), 1000);
    const { starts, ...result } = await afterABreak(short, good(file));
    expect(result).toMatchObject({ links: 3, sha256: sha256(file) });
    expect(starts).toEqual([undefined, nearHalf, Number(starts[1]) + 1000]);
  });

  it('takes a whole file in answer to a range as a whole file', async () => {
    const whole: Reply = (response) => response.writeHead(200, { etag, 'content-length': String(SIZE) }).end(file);
    expect(await afterABreak(whole)).toMatchObject({
      links: 2,
      bytes: SIZE,
      sha256: sha256(file),
      starts: [undefined, nearHalf],
    });
  });

  it('begins anew when the version has changed', async () => {
    const changed = fileOf(SIZE + 77, 2);
    expect(await afterABreak(good(changed, '"version-2"'))).toMatchObject({
      links: 2,
      etag: '"version-2"',
      bytes: changed.length,
      sha256: sha256(changed),
    });
  });

  it.each([
    ['another start', part((from) => ({ etag, 'content-range': `bytes ${from - 1}-${SIZE - 2}/${SIZE}` }))],
    ['another total', part((from) => ({ etag, 'content-range': `bytes ${from}-${SIZE - 1}/${SIZE + 5}` }))],
    ['an end beyond its total', part((from) => ({ etag, 'content-range': `bytes ${from}-${SIZE}/${SIZE}` }))],
    ['no total', part((from) => ({ etag, 'content-range': `bytes ${from}-${SIZE - 1}/*` }))],
    ['no range', part(() => ({ etag }))],
    ['another version', part((from) => ({ ...right(from), etag: '"version-2"' }))],
    ['no version', part((from) => ({ 'content-range': right(from)['content-range'] }))],
    ['another encoding', part((from) => ({ ...right(from), 'content-encoding': 'gzip' }))],
    ['a 416 of a shorter file', status(416, '', { 'content-range': `bytes */${HALF - 1}` })],
    ['a 416 without a length', status(416)],
  ])('begins anew after a part with %s', async (_, wrong) => {
    expect(await afterABreak(wrong, good(file))).toMatchObject({
      links: 3,
      bytes: SIZE,
      sha256: sha256(file),
      starts: [undefined, nearHalf, undefined],
    });
  });

  it.each([
    ['a weak version', 'W/"version-1"'],
    ['no version', null],
  ])('never appends where there is %s', async (_, weak) => {
    const server = await fileServer(closing, [broken(file, HALF, 'cut', weak), good(file, weak)]);
    expect(await desk.attempt(server)).toMatchObject({ links: 2, sha256: sha256(file) });
    expect(server.served[1]?.headers.range).toBeUndefined();
  });

  it('is complete when all bytes were there already', async () => {
    const partial = await desk.file();
    await partial.restart('"version-1"');
    await partial.append(file);
    await partial.close();
    const server = await fileServer(closing, [good(file)]);
    expect(await desk.attempt(server)).toMatchObject({
      resumedFrom: SIZE,
      bytes: SIZE,
      lengthProven: true,
      sha256: sha256(file),
    });
    expect(server.served[0]?.headers.range).toBe(`bytes=${SIZE}-`);
  });

  it('begins anew when all bytes were there, but of another version', async () => {
    const partial = await desk.file();
    await partial.restart('"version-1"');
    await partial.append(file);
    await partial.close();
    const changed = fileOf(SIZE, 2);
    const server = await fileServer(closing, [
      status(416, '', { etag: '"version-2"', 'content-range': `bytes */${SIZE}` }),
      good(changed, '"version-2"'),
    ]);
    expect(await desk.attempt(server)).toMatchObject({ resumedFrom: 0, sha256: sha256(changed) });
  });

  it('never appends to bytes whose version nobody knows', async () => {
    const partial = await desk.file();
    await partial.append(file.subarray(0, HALF));
    await partial.close();
    const server = await fileServer(closing, [good(file)]);
    expect(await desk.attempt(server)).toMatchObject({ resumedFrom: 0, sha256: sha256(file) });
    expect(server.served[0]?.headers.range).toBeUndefined();
  });

  it('keeps gzip as it was sent, goes on from it within an attempt, and begins anew in the next', async () => {
    const zipped = gzipSync(file);
    const encoding = { 'content-encoding': 'gzip' };
    const half = Math.floor(zipped.length / 2);
    const cut: Reply = (response) => {
      response.writeHead(200, { etag: '"version-1"', 'content-length': String(zipped.length), ...encoding });
      response.write(zipped.subarray(0, half), () => response.socket?.destroySoon());
    };
    const server = await fileServer(closing, [cut, good(zipped)]);
    expect(await desk.attempt(server)).toMatchObject({ links: 2, contentEncoding: 'gzip', sha256: sha256(zipped) });
    expect(startsOf(server)[1]).toBeGreaterThan(0);

    desk = await bench(closing);
    await errorOf(desk.attempt(await fileServer(closing, [cut]), { maxLinks: 1 }));
    const next = await fileServer(closing, [good(zipped, '"version-1"', encoding)]);
    expect(await desk.attempt(next)).toMatchObject({
      links: 1,
      resumedFrom: 0,
      contentEncoding: 'gzip',
      sha256: sha256(zipped),
    });
  });

  it('stops at an encoding that nobody asked for', async () => {
    const server = await fileServer(closing, [good(file, null, { 'content-encoding': 'br' })]);
    expect(await errorOf(desk.attempt(server))).toMatchObject({ type: 'FileMalformed' });
  });
});
