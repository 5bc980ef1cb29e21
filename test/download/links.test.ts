import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../src/download/download.js';
import type { Link } from '../../src/download/types.js';
import { ExportError } from '../../src/model/export-error.js';
import { Closing, errorOf } from '../support/http-server.js';
import { bench, broken, fileOf, fileServer, good, sha256, status, type Bench, type Reply } from './fixture.js';

const closing = new Closing();
afterEach(() => closing.all());

const file = fileOf(1_500_000);
const html: Reply = status(200, '<!doctype html><html><body>Link expired</body></html>', {
  'content-type': 'text/html',
});
const page: Reply = status(200, '\n <?xml version="1.0"?><Error>Expired</Error>');
let desk: Bench;

beforeEach(async () => {
  desk = await bench(closing);
});

const expiries: [string, Reply][] = [
  ['400', status(400, 'x')],
  ['403', status(403, '<Error/>')],
  ['404', status(404)],
  ['410', status(410)],
  ['an HTML page', html],
  ['a page that does not say so', page],
];

describe('a link that has lapsed (fault 9)', () => {
  it.each(expiries)('at first use is asked for again: %s', async (_, expired) => {
    const server = await fileServer(closing, [expired, good(file)]);
    expect(await desk.attempt(server)).toMatchObject({ links: 2, sha256: sha256(file) });
    expect(server.served.map(({ path }) => path)).toEqual([1, 2].map((use) => `/file?signature=secret-${use}`));
  });

  it.each(expiries)('half-way is asked for again, and the bytes that came are kept: %s', async (_, expired) => {
    const server = await fileServer(closing, [broken(file, 700_000, 'cut'), expired, good(file)]);
    expect(await desk.attempt(server)).toMatchObject({ links: 3, sha256: sha256(file) });
    const [, refused, last] = server.served;
    expect(refused?.headers.range).toMatch(/^bytes=[1-9]/);
    expect(last?.headers.range).toBe(refused?.headers.range);
  });

  it('five times ends the attempt, which may be repeated, and shows no link', async () => {
    const server = await fileServer(closing, [status(403)]);
    const error = await errorOf(desk.attempt(server));
    expect(error).toMatchObject({ type: 'DownloadInterrupted' });
    expect((error as Error).message).toBe(
      `The download from ${server.host} broke off at byte 0 after 5 links: the link was refused (403).`,
    );
    expect(server.served).toHaveLength(5);
  });

  it('is asked for as often as the caller allows', async () => {
    const server = await fileServer(closing, [status(403)]);
    await errorOf(desk.attempt(server, { maxLinks: 2 }));
    expect(server.served).toHaveLength(2);
  });
});

describe('a link host that can’t serve now', () => {
  it('ends the attempt with the wait that it asks for', async () => {
    const server = await fileServer(closing, [status(503, '', { 'retry-after': '20' })]);
    expect(await errorOf(desk.attempt(server))).toMatchObject({ type: 'DownloadInterrupted', retryAfterMs: 20_000 });
    expect(server.served).toHaveLength(1);
  });

  it('can’t be reached: named by host, without the link', async () => {
    const server = await fileServer(closing, [good(file)]);
    await server.close();
    const error = await errorOf(desk.attempt(server));
    expect(error).toMatchObject({ type: 'ClariUnreachable' });
    expect((error as Error).message).toContain(`${server.host} could not be reached: the connection was refused`);
    expect((error as Error).message).not.toMatch(/secret|signature/);
  });
});

describe('an error of whoever gives the link', () => {
  it('ends the download as it is', async () => {
    const reason = new ExportError('TokenRejected', 'Clari refused the token.');
    const server = await fileServer(closing, [good(file)]);
    expect(await errorOf(desk.attempt(server, { link: () => Promise.reject(reason) }))).toBe(reason);
  });
});

describe('a redirect', () => {
  it('is followed, and takes the first host’s headers nowhere else', async () => {
    const files = await fileServer(closing, [good(file)]);
    const own = await fileServer(closing, [
      (response) => response.writeHead(302, { location: '/v4/results' }).end(),
      (response) => response.writeHead(307, { location: `${files.origin}/x?signature=hidden` }).end(),
    ]);
    const link = (): Promise<Link> =>
      Promise.resolve({ url: `${own.origin}/results`, headers: { apikey: 'key' }, foreign: false });
    expect(await desk.attempt(own, { link })).toMatchObject({ links: 1, sha256: sha256(file) });
    expect(own.served.map(({ headers }) => headers['apikey'])).toEqual(['key', 'key']);
    expect(files.served.map(({ headers }) => headers['apikey'])).toEqual([undefined]);
  });

  it.each([
    ['to a private address', 'https://169.254.169.254/hidden'],
    ['to a login', 'https://user:hidden@127.0.0.1/'],
    ['to no address at all', 'https://'],
  ])('%s is refused', async (_, location) => {
    const server = await fileServer(closing, [(response) => response.writeHead(302, { location }).end()]);
    const error = await errorOf(desk.attempt(server));
    expect(error).toMatchObject({ type: 'LinkRefused' });
    expect((error as Error).message).not.toContain('hidden');
    expect(server.served).toHaveLength(1);
  });

  it('from Clari’s own endpoint falls under the rules', async () => {
    const own = await fileServer(closing, [status(302, '', { location: 'http://10.0.0.1/hidden' })]);
    const link = (): Promise<Link> => Promise.resolve({ url: `${own.origin}/results`, headers: {}, foreign: false });
    expect(await errorOf(desk.attempt(own, { link }))).toMatchObject({ type: 'LinkRefused' });
  });

  it('without end is given up after three', async () => {
    const server = await fileServer(closing, [status(302, '', { location: '/again' })]);
    expect(await errorOf(desk.attempt(server))).toMatchObject({ type: 'LinkRefused' });
    expect(server.served).toHaveLength(4);
  });
});

describe('Clari’s own results endpoint', () => {
  const own = (origin: string, ...keys: string[]) => {
    let asked = 0;
    return (): Promise<Link> =>
      Promise.resolve({
        url: `${origin}/results`,
        headers: { apikey: keys[Math.min(asked++, keys.length - 1)] ?? '' },
        foreign: false,
      });
  };

  it('gets the key, and needs no rule', async () => {
    const server = await fileServer(closing, [good(file)]);
    expect(await desk.attempt(server, { link: own(server.origin, 'key') })).toMatchObject({ sha256: sha256(file) });
    expect(server.served[0]?.headers['apikey']).toBe('key');
  });

  it.each([400, 403, 404, 410, 500])('means by %i what its owner says', async (code) => {
    const server = await fileServer(closing, [status(code, `{"code":"code-${code}"}`)]);
    const classifyStatus = (found: number, start: string) =>
      new ExportError('AccessDenied', `Clari said ${found} ${(JSON.parse(start) as { code: string }).code}.`);
    const error = await errorOf(desk.attempt(server, { link: own(server.origin, 'key'), classifyStatus }));
    expect(error).toMatchObject({ type: 'AccessDenied', message: `Clari said ${code} code-${code}.` });
    expect(server.served).toHaveLength(1);
  });

  it('that refuses a key which has just been replaced is asked once more (fault 13)', async () => {
    const server = await fileServer(closing, [status(401), good(file)]);
    expect(await desk.attempt(server, { link: own(server.origin, 'old', 'new') })).toMatchObject({ links: 2 });
    expect(server.served.map(({ headers }) => headers['apikey'])).toEqual(['old', 'new']);
  });

  it('that refuses the key twice is believed', async () => {
    const server = await fileServer(closing, [status(401, '{}')]);
    const classifyStatus = () => new ExportError('TokenRejected', 'Clari refused the token.');
    const error = await errorOf(desk.attempt(server, { link: own(server.origin, 'key'), classifyStatus }));
    expect(error).toMatchObject({ type: 'TokenRejected' });
    expect(server.served).toHaveLength(2);
  });
});

describe('a cancelled download', () => {
  it('ends with the reason, closes the file, and keeps what came for the next attempt', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const server = await fileServer(closing, [broken(file, 1_400_000, 'stall'), good(file)]);
    const partial = await desk.file();
    let closed = 0;
    const spied = {
      get bytes() {
        return partial.bytes;
      },
      get validator() {
        return partial.validator;
      },
      append: (chunk: Uint8Array) => partial.append(chunk),
      restart: (validator: string | undefined) => partial.restart(validator),
      makeRoom: (textBytes: number) => partial.makeRoom(textBytes),
      close: () => {
        closed++;
        return partial.close();
      },
    };
    const onProgress = () => controller.abort(reason);
    const options = { ...desk.options(server, partial), file: spied, onProgress, signal: controller.signal };
    expect(await errorOf(download(options))).toBe(reason);
    expect(closed).toBe(1);

    const result = await desk.attempt(server);
    expect(result).toMatchObject({ sha256: sha256(file), links: 1 });
    expect(result.resumedFrom).toBeGreaterThanOrEqual(1024 * 1024);
  });

  it('before it began asks for no link', async () => {
    const server = await fileServer(closing, [good(file)]);
    const reason = new Error('cancelled');
    let asked = 0;
    const link = () => {
      asked++;
      return Promise.reject(new Error('not to be asked'));
    };
    expect(await errorOf(desk.attempt(server, { link, signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(asked).toBe(0);
  });
});

describe('a file that can’t be written', () => {
  it('ends the download with its own error, and is not written to again', async () => {
    const server = await fileServer(closing, [good(file)]);
    const full = new ExportError('StagingUnavailable', 'No space is left.');
    let appended = 0;
    const broke = {
      bytes: 0,
      validator: undefined,
      append: () => {
        appended++;
        return Promise.reject(full);
      },
      restart: () => Promise.resolve(),
      makeRoom: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const partial = await desk.file();
    closing.add(partial);
    expect(await errorOf(download({ ...desk.options(server, partial), file: broke }))).toBe(full);
    expect(appended).toBe(1);
  });
});
