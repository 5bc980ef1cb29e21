import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download } from '../../src/download/download.js';
import { createLinkRules } from '../../src/download/link-rules.js';
import type { DownloadOptions, DownloadResult, Link } from '../../src/download/types.js';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { openLocalStaging } from '../../src/staging/local.js';
import type { PartialFile, RunStaging } from '../../src/staging/port.js';
import { serve, type Closing, type TestServer } from '../support/http-server.js';
import { ownerOf } from '../support/staging-owner.js';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that look like an export and repeat nowhere, so that a piece in the wrong place shows. */
export function fileOf(length: number, seed = 1): Buffer {
  const rows: string[] = [];
  for (let size = 0, row = 0; size < length; row++) {
    const text = `{"row":${row},"seed":${seed},"value":"${createHash('md5').update(`${seed}/${row}`).digest('hex')}"},\n`;
    size += text.length;
    rows.push(text);
  }
  return Buffer.from(`[${rows.join('')}`.slice(0, length));
}

export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

export interface Served {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FileServer extends TestServer {
  readonly served: Served[];
}

/** Answers each request with the next reply, the last one for ever. */
export async function fileServer(closing: Closing, replies: readonly Reply[]): Promise<FileServer> {
  const served: Served[] = [];
  const server = closing.add(
    await serve((request, response) => {
      const reply = replies[Math.min(served.length, replies.length - 1)];
      served.push({ path: request.url ?? '', headers: request.headers });
      reply?.(response, request);
    }),
  );
  return { ...server, served };
}

const ETAG = '"version-1"';

/** Serves the file as it should be served: whole, or from where the range says if the version is still this one. */
export function good(file: Buffer, etag: string | null = ETAG, extra: Readonly<Record<string, string>> = {}): Reply {
  return (response, request) => {
    const from = rangeStart(request);
    const { body, status, headers } = answer(file, etag, from, request);
    response.writeHead(status, { ...headers, ...extra }).end(body);
  };
}

/** The same, but the connection is lost after so many bytes of the body, or just goes silent. */
export function broken(
  file: Buffer,
  bytes: number,
  how: 'cut' | 'stall' | 'cut chunked',
  etag: string | null = ETAG,
): Reply {
  return (response, request) => {
    const { body, status, headers } = answer(file, etag, rangeStart(request), request);
    const { 'content-length': _, ...unsized } = headers;
    response.writeHead(status, how === 'cut chunked' ? unsized : headers);
    response.flushHeaders();
    if (bytes === 0) {
      if (how !== 'stall') response.socket?.destroySoon();
      return;
    }
    response.write(body.subarray(0, bytes), () => {
      if (how !== 'stall') response.socket?.destroySoon();
    });
  };
}

export const status = (code: number, body = '', headers: Readonly<Record<string, string>> = {}): Reply => {
  return (response) => response.writeHead(code, headers).end(body);
};

/** First byte that a request asks for. */
export function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

function answer(
  file: Buffer,
  etag: string | null,
  from: number,
  { headers }: IncomingMessage,
): { body: Buffer; status: number; headers: Record<string, string> } {
  const version: Record<string, string> = etag === null ? {} : { etag };
  const same = headers['if-range'] === undefined || headers['if-range'] === etag;
  if (from === 0 || !same) {
    return { body: file, status: 200, headers: { ...version, 'content-length': String(file.length) } };
  }
  if (from >= file.length) {
    return { body: Buffer.alloc(0), status: 416, headers: { ...version, 'content-range': `bytes */${file.length}` } };
  }
  const body = file.subarray(from);
  const range = `bytes ${from}-${file.length - 1}/${file.length}`;
  return { body, status: 206, headers: { ...version, 'content-range': range, 'content-length': String(body.length) } };
}

export interface Bench {
  readonly run: RunStaging;
  /** Downloads into the file `raw` of staging, as one attempt does. */
  attempt(
    server: FileServer,
    options?: Partial<DownloadOptions>,
  ): Promise<DownloadResult & { readonly sha256: string }>;
  file(): Promise<PartialFile>;
  /** What one attempt is made with. */
  options(server: FileServer, file: PartialFile): DownloadOptions;
}

/** Real staging, a real dispatcher, and rules that let this machine's servers pass. */
export async function bench(closing: Closing, bounds: { readonly maxBytes?: number } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'download-'));
  closing.defer(() => rm(folder, { recursive: true }));
  const run = (await openLocalStaging(folder, bounds)).run(ownerOf('run'));
  const dispatcher = closing.add(createDispatcher());
  const rules = closing.add(createLinkRules({ allowedHosts: ['127.0.0.1'] }));
  const { signal } = new AbortController();
  const options = (server: FileServer, file: PartialFile): DownloadOptions => {
    let links = 0;
    const link = (): Promise<Link> =>
      Promise.resolve({ url: `${server.origin}/file?signature=secret-${++links}`, headers: {}, foreign: true });
    return { link, file, dispatcher, rules, signal };
  };
  return {
    run,
    file: () => run.partial('raw'),
    options,
    async attempt(server, changes = {}) {
      const file = await run.partial('raw');
      const result = await download({ ...options(server, file), ...changes });
      return { ...result, sha256: (await file.complete()).sha256 };
    },
  };
}
