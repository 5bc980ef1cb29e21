/**
 * Time and memory of a redaction: `npx tsx bench/redaction.ts --mb 300 [--policy keyed] [--memory 512]`.
 *
 * Makes a five-list file of that size, splits it without writing, then redacts it, each in a process of its own so that the peak
 * of memory is that step's alone.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPolicy } from '../src/redaction/built-in-policies.js';
import { createRedactor } from '../src/redaction/redactor.js';
import { forecastFile } from '../src/redaction/split/file-form.js';
import { Splitter } from '../src/redaction/split/splitter.js';
import { makeFiveListFile } from './five-list-file.js';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '300' },
    policy: { type: 'string', default: 'keyed' },
    memory: { type: 'string', default: '512' },
    step: { type: 'string' },
    file: { type: 'string', default: '' },
  },
});

const CHUNK = 1024 * 1024;

const seconds = (since: number): number => (performance.now() - since) / 1000;
const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

async function benchSplit(file: string): Promise<void> {
  let best = Infinity;
  let bytes = 0;
  for (let round = 0; round < 3; round++) {
    const since = performance.now();
    const splitter = new Splitter({ write: () => undefined }, forecastFile);
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) splitter.push(chunk as Uint8Array);
    bytes = splitter.end().bytes;
    best = Math.min(best, seconds(since));
  }
  console.log(`split     ${(bytes / 1e6 / best).toFixed(0)} MB/s (best of 3), peak ${peakMb()} MB`);
}

async function benchRedact(file: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'redaction-bench-'));
  try {
    const key = { name: 'bench', version: '1', bytes: () => Promise.resolve(new Uint8Array(32).fill(7)) };
    const redactor = createRedactor({ policy: findPolicy(values.policy), key, memoryLimitMb: Number(values.memory) });
    const since = performance.now();
    const spent = new Map<string, number>();
    let phase = 'splitting';
    let phaseSince = since;
    const result = await redactor.redact({
      files: [() => Promise.resolve(createReadStream(file, { highWaterMark: CHUNK }))],
      scratch: folder,
      produce: (name, write) => write(join(folder, name)),
      signal: new AbortController().signal,
      onProgress: (progress) => {
        spent.set(phase, (spent.get(phase) ?? 0) + seconds(phaseSince));
        phase = progress.phase;
        phaseSince = performance.now();
      },
    });
    spent.set(phase, (spent.get(phase) ?? 0) + seconds(phaseSince));
    const parts = [...spent].map(([name, time]) => `${name} ${time.toFixed(1)}`).join(', ');
    const rows = result.tables.reduce((sum, table) => sum + table.rows, 0);
    const cpu = (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
    console.log(
      `redact    ${seconds(since).toFixed(1)} s (${parts}), ${cpu.toFixed(1)} CPU s, ${rows} rows, peak ${peakMb()} MB`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (values.step === 'split') await benchSplit(values.file);
else if (values.step === 'redact') await benchRedact(values.file);
else {
  const folder = await mkdtemp(join(tmpdir(), 'redaction-bench-'));
  try {
    const file = join(folder, 'export.json');
    makeFiveListFile(file, Number(values.mb) * 1e6);
    console.log(`${values.mb} MB, policy ${values.policy}, memory limit ${values.memory} MB`);
    for (const step of ['split', 'redact']) {
      spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1), '--step', step, '--file', file], {
        stdio: 'inherit',
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
