/**
 * How fast the splitter is, as a ratio to a plain byte loop over the same file: `npm run bench:splitter -- [--mb 300] [--rounds 3]
 * [--indent 2] [--json FILE]`.
 *
 * Limit and candidates run one after the other in each round, each in a process of its own, and the best round counts: the same
 * command can take twice as long a minute later on a shared machine.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdtemp, open as openFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { splitFile } from '../src/redaction/split-file.js';
import { forecastFile } from '../src/redaction/split/file-form.js';
import { Splitter, type SplitEngine } from '../src/redaction/split/splitter.js';
import { makeFiveListFile } from './five-list-file.js';
import { plainByteLoop } from './plain-byte-loop.js';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    indent: { type: 'string' },
    json: { type: 'string' },
    step: { type: 'string' },
    file: { type: 'string', default: '' },
  },
});

interface Measured {
  readonly mbPerSecond: number;
  readonly peakMb: number;
}

type Push = (chunk: Uint8Array) => void;

const CHUNK = 1024 * 1024;
const signal = new AbortController().signal;
const open = (): ReadStream => createReadStream(values.file, { highWaterMark: CHUNK });

/** Bytes in a millisecond of reading the whole file. */
async function fromFile(push: Push): Promise<number> {
  const since = performance.now();
  for await (const chunk of open()) push(chunk as Uint8Array);
  return (await stat(values.file)).size / (performance.now() - since);
}

const IN_MEMORY = 64 * 1024 * 1024;
const PASSES = 8;

/** The same of the file's first records, read again and again from memory: what is pushed, apart from what reading costs. */
async function fromMemory(push: Push): Promise<number> {
  const bytes = await readFirst(IN_MEMORY);
  const first = bytes.indexOf('[') + 1;
  const end = bytes.lastIndexOf('{', bytes.lastIndexOf('"timePeriodId"'));
  push(bytes.subarray(0, first));
  const since = performance.now();
  for (let pass = 0; pass < PASSES; pass++) {
    for (let at = first; at < end; at += CHUNK) push(bytes.subarray(at, Math.min(at + CHUNK, end)));
  }
  return (PASSES * (end - first)) / (performance.now() - since);
}

async function readFirst(bytes: number): Promise<Buffer> {
  const file = await openFile(values.file);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function splitter(engine: SplitEngine): Push {
  const made = new Splitter({ write: () => undefined }, forecastFile, { engine });
  return (chunk) => {
    made.push(chunk);
  };
}

async function toDisk(engine: SplitEngine): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'splitter-bench-'));
  try {
    const since = performance.now();
    const opened = (): Promise<ReadStream> => Promise.resolve(open());
    const { split, pieces } = await splitFile(opened, { signal, scratch: folder, onBytes: () => undefined, engine });
    const speed = split.bytes / (performance.now() - since);
    await pieces.close();
    return speed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copy(): Promise<number> {
  const since = performance.now();
  await pipeline(open(), createWriteStream(`${values.file}.copy`));
  return (await stat(values.file)).size / (performance.now() - since);
}

const LIMITS = ['plain byte loop', 'plain byte loop, from memory'] as const;
const steps: Readonly<Record<string, () => Promise<number>>> = {
  [LIMITS[0]]: () => fromFile(plainByteLoop()),
  'splitter, plain': () => fromFile(splitter('plain')),
  'splitter, wasm': () => fromFile(splitter('wasm')),
  'splitter, plain, to disk': () => toDisk('plain'),
  'splitter, wasm, to disk': () => toDisk('wasm'),
  'read alone': () => fromFile(() => undefined),
  'copy of the file': copy,
  [LIMITS[1]]: () => fromMemory(plainByteLoop()),
  'splitter, plain, from memory': () => fromMemory(splitter('plain')),
  'splitter, wasm, from memory': () => fromMemory(splitter('wasm')),
};

function measure(step: string, file: string): Measured {
  const args = [...process.execArgv, ...process.argv.slice(1), '--step', step, '--file', file];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${step}: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

async function runStep(step: string): Promise<void> {
  const perMillisecond = await steps[step]?.();
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ mbPerSecond: (perMillisecond ?? NaN) / 1000, peakMb } satisfies Measured));
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'splitter-bench-'));
  try {
    const file = join(folder, 'export.json');
    makeFiveListFile(file, Number(values.mb) * 1e6, values.indent === undefined ? undefined : Number(values.indent));
    const best = new Map<string, Measured>();
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const step of Object.keys(steps)) {
        const measured = measure(step, file);
        if (measured.mbPerSecond > (best.get(step)?.mbPerSecond ?? 0)) best.set(step, measured);
      }
    }
    const rows = [...best].map(([step, { mbPerSecond, peakMb }]) => {
      const limit = best.get(LIMITS[step.endsWith('from memory') ? 1 : 0])?.mbPerSecond ?? NaN;
      return { step, mbPerSecond, ratio: mbPerSecond / limit, peakMb };
    });
    console.log(`${values.mb} MB, best of ${values.rounds}`);
    console.log('| step | MB/s | ratio to the plain byte loop | peak RSS, MB |\n| --- | --- | --- | --- |');
    for (const { step, mbPerSecond, ratio, peakMb } of rows) {
      console.log(`| ${step} | ${mbPerSecond.toFixed(0)} | ${ratio.toFixed(2)} | ${peakMb} |`);
    }
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (values.step === undefined) await compare();
else await runStep(values.step);
