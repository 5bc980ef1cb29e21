/**
 * How fast the splitter is, as a ratio to a plain byte loop over the same file: `npm run bench:splitter -- [--mb 300] [--rounds 3]
 * [--indent 2] [--json FILE]`.
 *
 * Limit and candidates run one after the other in each round, each in a process of its own, and the best round counts: the same
 * command can take twice as long a minute later on a shared machine.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Pieces } from '../src/redaction/pieces.js';
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

const signal = new AbortController().signal;
const open = (): ReturnType<typeof createReadStream> => createReadStream(values.file, { highWaterMark: 1024 * 1024 });

async function read(push: (chunk: Uint8Array) => void): Promise<void> {
  for await (const chunk of open()) push(chunk as Uint8Array);
}

async function split(engine: SplitEngine): Promise<void> {
  const splitter = new Splitter({ write: () => undefined }, forecastFile, { engine });
  await read((chunk) => {
    splitter.push(chunk);
  });
  splitter.end();
}

async function splitToDisk(engine: SplitEngine): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'splitter-bench-'));
  const pieces = await Pieces.create(folder);
  try {
    await splitFile(open(), pieces, { signal, onBytes: () => undefined, engine });
  } finally {
    await pieces.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const steps: Readonly<Record<string, () => Promise<void>>> = {
  'plain byte loop': () => read(plainByteLoop()),
  'read alone': () => read(() => undefined),
  'copy of the file': () => pipeline(open(), createWriteStream(`${values.file}.copy`)),
  'splitter, plain': () => split('plain'),
  'splitter, wasm': () => split('wasm'),
  'splitter, plain, to disk': () => splitToDisk('plain'),
  'splitter, wasm, to disk': () => splitToDisk('wasm'),
};

function measure(step: string, file: string): Measured {
  const args = [...process.execArgv, ...process.argv.slice(1), '--step', step, '--file', file];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${step}: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

async function runStep(step: string): Promise<void> {
  const since = performance.now();
  await steps[step]?.();
  const seconds = (performance.now() - since) / 1000;
  const { size } = await stat(values.file);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ mbPerSecond: size / 1e6 / seconds, peakMb } satisfies Measured));
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
    const limit = best.get('plain byte loop')?.mbPerSecond ?? NaN;
    const rows = [...best].map(([step, { mbPerSecond, peakMb }]) => ({
      step,
      mbPerSecond,
      ratio: mbPerSecond / limit,
      peakMb,
    }));
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
