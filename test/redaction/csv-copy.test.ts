import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyCsv } from '../../src/redaction/csv/copy-csv.js';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'csv-copy-'));
});
afterAll(() => rm(scratch, { recursive: true }));

it('a copy that is aborted while it waits for the file ends with the reason, and leaves nothing', async () => {
  const aborting = new AbortController();
  const reason = new Error('told to stop');
  let pushed = false;
  const waiting = new Readable({
    read() {
      if (!pushed) this.push('Field,Data Type,Data Value\nCommit,');
      pushed = true;
    },
  });
  const copying = copyCsv(() => Promise.resolve(waiting), {
    scratch,
    signal: aborting.signal,
    // By then it waits for more.
    onBytes: () => setImmediate(() => aborting.abort(reason)),
  });
  await expect(copying).rejects.toBe(reason);
  expect([await readdir(scratch), waiting.destroyed]).toEqual([[], true]);
});

it('what the file says when it fails is thrown as it is', async () => {
  const reason = new Error('not the file that it was');
  const failing = new Readable({
    read() {
      this.destroy(reason);
    },
  });
  const { signal } = new AbortController();
  const copying = copyCsv(() => Promise.resolve(failing), { scratch, signal, onBytes: () => undefined });
  await expect(copying).rejects.toBe(reason);
  expect(await readdir(scratch)).toEqual([]);
});

it('a scratch folder that is not there is told of', async () => {
  const { signal } = new AbortController();
  const options = { scratch: join(scratch, 'none'), signal, onBytes: () => undefined };
  await expect(copyCsv(() => Promise.resolve(Readable.from([])), options)).rejects.toMatchObject({
    type: 'StagingUnavailable',
    message: 'The scratch folder can not be written (ENOENT).',
  });
});
