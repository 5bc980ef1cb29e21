import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClariApi } from '../../../src/clari/clari-api.js';
import { resultsRefusal } from '../../../src/clari/refusal.js';
import { download } from '../../../src/download/download.js';
import { createLinkRules, type LinkRules } from '../../../src/download/link-rules.js';
import { createDispatcher } from '../../../src/http/dispatcher.js';
import type { Dispatcher } from 'undici';
import type { PartialFile } from '../../../src/staging/port.js';
import {
  bench,
  broken,
  fileOf,
  fileServer,
  good,
  sha256,
  status,
  type FileServer,
  type Reply,
} from '../../download/fixture.js';
import { Closing, errorOf, serve } from '../../support/http-server.js';

/*
 * A download link is a bearer secret for one use. Here Clari hands out a new one each time, and the host of the links lets
 * each be used once.
 */

const closing = new Closing();
afterEach(() => closing.all());

const JOB = '66f0aa10c3d4e5f60718a9b2';
const KEY = 'key-of-the-test';
const file = fileOf(3_000_000);
const { signal } = new AbortController();

let dispatcher: Dispatcher;
let rules: LinkRules;
let partial: () => Promise<PartialFile>;

beforeEach(async () => {
  dispatcher = closing.add(createDispatcher());
  rules = closing.add(createLinkRules({ allowedHosts: ['127.0.0.1'] }));
  const desk = await bench(closing);
  partial = () => desk.file();
});

/** A Clari whose finished job carries a link that nobody had before. */
async function clariWithLinksTo(host: FileServer) {
  let issued = 0;
  const server = closing.add(
    await serve((_, response) => {
      const downloadUrl = `${host.origin}/results/part?signature=bearer-${++issued}`;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jobId: JOB, status: 'COMPLETED', downloadUrl }));
    }),
  );
  const token = { reference: 'env:TEST_TOKEN', read: () => Promise.resolve(KEY), forget: () => undefined };
  const api = createClariApi({ baseUrl: `${server.origin}/v4`, token, dispatcher });
  return { link: () => api.resultLink(JOB, signal), issued: () => issued };
}

/** Lets each link be used once. */
function once(replies: readonly Reply[]): Reply {
  const used = new Set<string>();
  let next = 0;
  return (response, request) => {
    const url = request.url ?? '';
    const reply = used.has(url) ? status(403) : replies[Math.min(next++, replies.length - 1)];
    used.add(url);
    reply?.(response, request);
  };
}

describe('fresh link', () => {
  it('a link that lapses half-way is replaced, and the download goes on from the bytes that are there', async () => {
    const host = await fileServer(closing, [
      once([broken(file, 2_000_000, 'cut'), status(403, '<Error>Expired</Error>'), good(file)]),
    ]);
    const clari = await clariWithLinksTo(host);
    const staged = await partial();

    const result = await download({
      link: clari.link,
      file: staged,
      dispatcher,
      rules,
      signal,
      classifyStatus: resultsRefusal,
    });
    const reference = await staged.complete();

    expect(reference).toMatchObject({ bytes: file.length, sha256: sha256(file) });
    expect(result).toMatchObject({ links: 3, lengthProven: true });
    // Asked for three times, used once each, and only the rest was fetched again.
    expect(clari.issued()).toBe(3);
    expect(host.served.map(({ path }) => path)).toEqual(
      [1, 2, 3].map((use) => `/results/part?signature=bearer-${use}`),
    );
    const [first, ...later] = host.served.map(({ headers }) =>
      Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0),
    );
    expect(first).toBe(0);
    for (const start of later) expect(start).toBeGreaterThan(1_700_000);
    // The key stays with Clari.
    for (const { headers, path } of host.served) expect(JSON.stringify(headers) + path).not.toContain(KEY);
  });

  it('the next attempt takes a link of its own and goes on from the bytes of the last', async () => {
    const host = await fileServer(closing, [once([broken(file, 2_000_000, 'cut'), good(file)])]);
    const clari = await clariWithLinksTo(host);
    await errorOf(download({ link: clari.link, file: await partial(), dispatcher, rules, signal, maxLinks: 1 }));

    const staged = await partial();
    const result = await download({ link: clari.link, file: staged, dispatcher, rules, signal });

    expect(result.resumedFrom).toBeGreaterThan(1_700_000);
    expect((await staged.complete()).sha256).toBe(sha256(file));
    expect(clari.issued()).toBe(2);
  });

  it.each<[string, Reply[]]>([
    ['refused', [status(403, 'signature=bearer')]],
    ['answered with a page', [status(200, '<html>signature=bearer</html>', { 'content-type': 'text/html' })]],
    ['cut', [broken(file, 1000, 'cut')]],
    ['reset', [(response) => response.socket?.resetAndDestroy()]],
    [
      'redirected to where nothing may be fetched',
      [status(302, '', { location: 'https://10.0.0.1/part?signature=bearer' })],
    ],
    [
      'redirected without end',
      [(response, request) => response.writeHead(302, { location: `${request.url ?? ''}x` }).end()],
    ],
    ['met with an outage', [status(503)]],
  ])('no error shows a link or a key: %s', async (_, replies) => {
    const host = await fileServer(closing, replies);
    const { link } = await clariWithLinksTo(host);
    const error = await errorOf(download({ link, file: await partial(), dispatcher, rules, signal }));
    expect(error).toHaveProperty('type');
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(
      /bearer|signature|results\/part|key-of-the-test/,
    );
  });

  it('the result shows no link', async () => {
    const host = await fileServer(closing, [good(file)]);
    const { link } = await clariWithLinksTo(host);
    const staged = await partial();
    const result = await download({ link, file: staged, dispatcher, rules, signal });
    await staged.complete();
    expect(JSON.stringify(result)).not.toMatch(/bearer|127\.0\.0\.1/);
  });
});
