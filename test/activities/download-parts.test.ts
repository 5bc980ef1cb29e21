import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { attemptEpoch } from '../../src/activities/attempt-epoch.js';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import { downloadParts } from '../../src/activities/download-parts.js';
import type { Reference } from '../../src/model/reference.js';
import { openLocalStaging } from '../../src/staging/local.js';
import { ownerOf } from '../support/staging-owner.js';

const MIB = 1024 * 1024;
const file = Buffer.alloc(3 * MIB, 'x');

test('fault 5: a late attempt that finds no room for its second file takes nothing of its successor’s', async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'clari-late-parts-'));
  const staging = await openLocalStaging(root, { maxBytes: 30 * MIB });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': file.length, etag: '"v1"' }).end(file);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const dispatcher = new Agent();
  try {
    const owner = ownerOf('run-1');
    const next = staging.run({ ...owner, epoch: attemptEpoch({ activityId: '5', attempt: 2 }) });
    let table: Reference | undefined;
    let before: string[] = [];
    /** But for what the late one has of the file that it finds no room for. */
    const names = async (): Promise<string[]> =>
      (await readdir(path.join(root, 'runs', 'run-1'))).filter((name) => !name.includes('raw-adjustment'));
    /** All that happens while the late attempt stands still before its second file. */
    const meanwhile = async (): Promise<void> => {
      table = await next.produce('table', (at) => writeFile(at, 'rows'));
      const other = await staging.run(ownerOf('run-2')).partial('raw');
      await other.restart('"v1"', 5 * MIB);
      await other.close();
      before = await names();
    };
    const clari = {
      now: () => Date.now(),
      async resultLink(jobId: string) {
        if (jobId === 'second') await meanwhile();
        const { port } = server.address() as AddressInfo;
        return { url: `http://127.0.0.1:${port}/file`, headers: {}, foreign: false };
      },
    };
    const linkRules = { check: () => undefined, dispatcher };
    const dependencies = {
      connections: new Map([['c', { name: 'c', configDigest: 'd', clari, stagingKey: owner.wrapping }]]),
      staging,
      http: { dispatcher, linkRules },
    } as unknown as ActivityDependencies;
    const late = new MockActivityEnvironment({ activityId: '5', attempt: 1 });
    const parts = [
      { type: 'forecast', jobId: 'first' },
      { type: 'adjustment', jobId: 'second' },
    ] as const;
    const input = { connection: 'c', configDigest: 'd', runKey: 'run-1', parts };
    const failure = await late.run(downloadParts(dependencies), input).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'StagingLost' });
    expect(await names()).toEqual(before);
    expect((await buffer(await next.read(table as Reference))).toString()).toBe('rows');
  } finally {
    server.close();
    await dispatcher.close();
    await rm(root, { recursive: true, force: true });
  }
});
