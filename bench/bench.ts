/**
 * What redaction and landing cost, as ratios to what the machine can do at the same time: `npm run bench -- [--mb 300] [--rounds 3]
 * [--json FILE]`.
 *
 * Limits and candidates take turns, each in a process of its own whose start counts, and the best round of each is taken: the same
 * command can take twice as long a minute later on a shared machine, so seconds tell nothing and ratios do.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundledSource } from '../test/support/bundled-source.js';
import { makeCsvFile } from './csv-file.js';
import { makeFiveListFile } from './five-list-file.js';
import { makeFlatFile } from './flat-file.js';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

/** The function of the brief in its own language: the file is loaded whole, and nothing is written. */
const PYTHON = `
import hashlib, json, sys
with open(sys.argv[1], encoding='utf-8') as file:
    data = json.load(file)
for entry in data['entries']:
    if 'ownerEmail' in entry:
        entry['ownerEmail'] = hashlib.sha256(entry['ownerEmail'].encode()).hexdigest()[:12] + '@redacted'
    if 'ownerName' in entry:
        entry['ownerName'] = 'Rep-' + hashlib.sha256(entry['ownerName'].encode()).hexdigest()[:6]
`;
/** As much as Python's memory takes. */
const PYTHON_MB = 300;

interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly disk: number;
}

interface Step {
  readonly name: string;
  /** What it reads. */
  readonly inputs: readonly string[];
  readonly run: () => Took;
}

/** Reads files so that they are in memory: whether the machine has taken their pages away meanwhile should not count. */
async function warm(paths: readonly string[]): Promise<void> {
  for (const path of paths) for await (const _ of createReadStream(path, { highWaterMark: 1 << 20 }));
}

const folder = await mkdtemp(join(tmpdir(), 'clari-bench-'));
const bundle = await bundledSource('bench/step.ts');

function step(name: string, words: readonly string[], inputs: readonly string[] = words.slice(1, 2)): Step {
  return {
    name,
    inputs,
    run() {
      const since = performance.now();
      const { stdout, stderr, status } = spawnSync(process.execPath, [bundle, ...words], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      return { seconds: (performance.now() - since) / 1000, ...(JSON.parse(stdout) as Omit<Took, 'seconds'>) };
    },
  };
}

function pythonStep(file: string): Step[] {
  if (spawnSync('python3', ['--version']).status !== 0) {
    console.log('There is no python3: the brief’s own way is left out.');
    return [];
  }
  const run = (): Took => {
    const since = performance.now();
    const { status, stderr } = spawnSync('python3', ['-c', PYTHON, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`python3: ${stderr}`);
    return { seconds: (performance.now() - since) / 1000, cpuSeconds: NaN, peakMb: NaN, disk: 0 };
  };
  return [{ name: 'python', inputs: [file], run }];
}

interface Figure {
  readonly figure: string;
  /** Limit and candidate; the ratio is that of their times. */
  readonly of: readonly [limit: string, candidate: string];
  /** Absent where it is only told. */
  readonly must?: number;
  readonly goal?: number;
}

const figures: readonly Figure[] = [
  { figure: 'splitter, against a plain byte loop', of: ['plain loop', 'split'], must: 3, goal: 5 },
  {
    figure: 'file to rows in DuckDB, `keyed`, against CTAS of the split file',
    of: ['ctas', 'load keyed'],
    must: 0.35,
    goal: 0.5,
  },
  { figure: 'the same, `brief`', of: ['ctas', 'load brief'], must: 0.4, goal: 0.6 },
  {
    figure: 'file to Parquet in staging, `keyed`, against reading the split file',
    of: ['read', 'parquet keyed'],
    must: 0.15,
    goal: 0.25,
  },
  {
    figure: 'file to Parquet in staging, `brief`, against the brief’s function in Python',
    of: ['python', 'parquet brief, flat'],
    must: 3,
    goal: 8,
  },
  { figure: 'CSV to Parquet in staging, `keyed`, against reading the CSV', of: ['read csv', 'csv keyed'] },
];

const better = (one: Took, other: Took = one): Took => ({
  seconds: Math.min(one.seconds, other.seconds),
  cpuSeconds: Math.min(one.cpuSeconds, other.cpuSeconds),
  peakMb: Math.max(one.peakMb, other.peakMb),
  disk: Math.max(one.disk, other.disk),
});

try {
  const file = join(folder, 'export.json');
  const flat = join(folder, 'flat.json');
  makeFiveListFile(file, Number(values.mb) * 1e6);
  const csv = join(folder, 'export.csv');
  makeCsvFile(csv, Number(values.mb) * 1e6);
  makeFlatFile(flat, Math.min(Number(values.mb), PYTHON_MB) * 1e6);
  const split = join(folder, 'split');
  const made = join(folder, 'made');
  step('presplit', ['presplit', file, split]).run();
  const lists = ['entries', 'users'].map((list) => join(split, `${list}.ndjson`));
  const steps: readonly Step[] = [
    step('plain loop', ['plain loop', file, made]),
    step('split', ['split', file, made]),
    step('read', ['read', file, split], lists),
    step('ctas', ['ctas', file, split], lists),
    step('parquet keyed', ['parquet', file, made, 'keyed']),
    step('load keyed', ['load', file, made, 'keyed']),
    step('load brief', ['load', file, made, 'brief']),
    step('parquet brief, flat', ['parquet', flat, made, 'brief']),
    step('read csv', ['read csv', csv, split]),
    step('csv keyed', ['csv', csv, made, 'keyed']),
    ...pythonStep(flat),
  ];
  const best = new Map<string, Took>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { name, inputs, run } of steps) {
      await rm(join(split, 'limit.duckdb'), { force: true });
      await warm(inputs);
      best.set(name, better(run(), best.get(name)));
    }
  }
  const source = (await stat(file)).size;
  console.log(`${values.mb} MB, best of ${values.rounds}\n`);
  console.log('| figure | ratio | must | goal |\n| --- | --- | --- | --- |');
  const ratios = figures.flatMap(({ figure, of: [limit, candidate], ...bounds }) => {
    const [one, other] = [best.get(limit), best.get(candidate)];
    return one && other ? [{ figure, ratio: one.seconds / other.seconds, ...bounds }] : [];
  });
  for (const { figure, ratio, must = '', goal = '' } of ratios)
    console.log(`| ${figure} | ${ratio.toFixed(2)} | ${must} | ${goal} |`);
  console.log(
    '\n| step | seconds | CPU seconds | peak RSS, MB | disk, of the source |\n| --- | --- | --- | --- | --- |',
  );
  for (const [name, { seconds, cpuSeconds, peakMb, disk }] of best) {
    const shown = [seconds.toFixed(2), cpuSeconds.toFixed(2), peakMb, (disk / source).toFixed(2)];
    console.log(`| ${name} | ${shown.join(' | ')} |`);
  }
  if (values.json !== undefined) {
    const report = { mb: Number(values.mb), rounds: Number(values.rounds), ratios, steps: Object.fromEntries(best) };
    await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
