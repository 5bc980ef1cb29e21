import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { copyCsv } from '../../../src/redaction/csv/copy-csv.js';

const MIB = 1024 * 1024;
const FILE_MIB = 128;
const PROMISED_MIB = 32;

setFlagsFromString('--expose-gc');
/** Without it, what counts is mostly what is in use no more. */
const collect = runInNewContext('gc') as () => void;

test(`a CSV of ${FILE_MIB} MiB is copied within ${PROMISED_MIB} MiB of JavaScript’s own`, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'csv-copy-'));
  const row = 'Commit,Forecast Value,"$412,500.25"\r\n';
  const block = row.repeat(Math.ceil(MIB / row.length));
  const blocks = Math.ceil((FILE_MIB * MIB) / block.length);
  const inUse = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / MIB;
  };
  const before = inUse();
  let most = 0;
  function* file(): Generator<Buffer> {
    yield Buffer.from('Field,Data Type,Data Value\r\n');
    for (let at = 0; at < blocks; at++) {
      if (at % 16 === 0) most = Math.max(most, inUse() - before);
      yield Buffer.from(block);
    }
  }
  try {
    const copied = await copyCsv(() => Promise.resolve(Readable.from(file(), { objectMode: false })), {
      scratch: folder,
      signal: new AbortController().signal,
      onBytes: () => undefined,
    });
    await copied.close();
    expect([copied.records, copied.bytes > FILE_MIB * MIB]).toEqual([(blocks * block.length) / row.length, true]);
    expect(most).toBeLessThan(PROMISED_MIB);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
