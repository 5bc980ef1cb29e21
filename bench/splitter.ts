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

interface Speed {
  readonly mbPerSecond: number;
  /** Against processor time: what others do on the machine tells less on it. */
  readonly mbPerCpuSecond: number;
}

interface Measured extends Speed {
  readonly peakMb: number;
}

/** @param work - gives the bytes that it has read */
async function timed(work: () => Promise<number>): Promise<Speed> {
  const cpu = process.cpuUsage();
  const since = performance.now();
  const bytes = await work();
  const seconds = (performance.now() - since) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { mbPerSecond: bytes / 1e6 / seconds, mbPerCpuSecond: bytes / (user + system) };
}

type Push = (chunk: Uint8Array) => void;

const CHUNK = 1024 * 1024;
const signal = new AbortController().signal;
const open = (): ReadStream => createReadStream(values.file, { highWaterMark: CHUNK });

function fromFile(push: Push): Promise<Speed> {
  return timed(async () => {
    for await (const chunk of open()) push(chunk as Uint8Array);
    return (await stat(values.file)).size;
  });
}

const IN_MEMORY = 64 * 1024 * 1024;
const PASSES = 8;

/** The same of the file's first records, read again and again from memory: what is pushed, apart from what reading costs. */
async function fromMemory(push: Push): Promise<Speed> {
  const bytes = await readFirst(IN_MEMORY);
  const first = bytes.indexOf('[') + 1;
  const end = bytes.lastIndexOf('{', bytes.lastIndexOf('"timePeriodId"'));
  push(bytes.subarray(0, first));
  return timed(() => {
    for (let pass = 0; pass < PASSES; pass++) {
      for (let at = first; at < end; at += CHUNK) push(bytes.subarray(at, Math.min(at + CHUNK, end)));
    }
    return Promise.resolve(PASSES * (end - first));
  });
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

async function toDisk(engine: SplitEngine): Promise<Speed> {
  const folder = await mkdtemp(join(tmpdir(), 'splitter-bench-'));
  try {
    return await timed(async () => {
      const opened = (): Promise<ReadStream> => Promise.resolve(open());
      const { split, pieces } = await splitFile(opened, { signal, scratch: folder, onBytes: () => undefined, engine });
      await pieces.close();
      return split.bytes;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function copy(): Promise<Speed> {
  return timed(async () => {
    await pipeline(open(), createWriteStream(`${values.file}.copy`));
    return (await stat(values.file)).size;
  });
}

const LIMITS = ['plain byte loop', 'plain byte loop, from memory'] as const;
const steps: Readonly<Record<string, () => Promise<Speed>>> = {
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
  const speed = await steps[step]?.();
  console.log(JSON.stringify({ ...speed, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
}

function betterOf(one: Measured, other: Measured = one): Measured {
  return {
    mbPerSecond: Math.max(one.mbPerSecond, other.mbPerSecond),
    mbPerCpuSecond: Math.max(one.mbPerCpuSecond, other.mbPerCpuSecond),
    peakMb: Math.max(one.peakMb, other.peakMb),
  };
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'splitter-bench-'));
  try {
    const file = join(folder, 'export.json');
    makeFiveListFile(file, Number(values.mb) * 1e6, values.indent === undefined ? undefined : Number(values.indent));
    const best = new Map<string, Measured>();
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const step of Object.keys(steps)) best.set(step, betterOf(measure(step, file), best.get(step)));
    }
    const rows = [...best].map(([step, measured]) => {
      const limit = best.get(LIMITS[step.endsWith('from memory') ? 1 : 0]);
      return {
        step,
        ...measured,
        ratio: measured.mbPerSecond / (limit?.mbPerSecond ?? NaN),
        cpuRatio: measured.mbPerCpuSecond / (limit?.mbPerCpuSecond ?? NaN),
      };
    });
    console.log(`${values.mb} MB, best of ${values.rounds}; ratios are to the plain byte loop`);
    console.log('| step | MB/s | ratio | MB a CPU second | ratio | peak RSS, MB |');
    console.log('| --- | --- | --- | --- | --- | --- |');
    for (const { step, mbPerSecond, ratio, mbPerCpuSecond, cpuRatio, peakMb } of rows) {
      const figures = [
        mbPerSecond.toFixed(0),
        ratio.toFixed(2),
        mbPerCpuSecond.toFixed(0),
        cpuRatio.toFixed(2),
        peakMb,
      ];
      console.log(`| ${step} | ${figures.join(' | ')} |`);
    }
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (values.step === undefined) await compare();
else await runStep(values.step);
