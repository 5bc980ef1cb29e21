import { deepStrictEqual } from 'node:assert/strict';
import { ExportError } from '../../src/model/export-error.js';
import type { FileForm } from '../../src/redaction/split/file-form.js';
import type { SplitEngine } from '../../src/redaction/split/splitter.js';
import { generator, randomDocument } from './random-document.js';
import { spoil } from './spoil.js';
import { censusCounts, expectedSplit, type ExpectedSplit } from './split-oracle.js';
import { engines, split } from './split-text.js';

export interface FuzzCounts {
  accepted: number;
  refused: number;
  /** Of the files that were accepted. */
  records: number;
  recordsByWasm: number;
}

/**
 * Splits random files, every second one spoilt, by both engines, and compares with JSON.parse what came of it.
 * @throws Error with the first file on which they disagree
 */
export function fuzzSplitter(seed: number, cases: number): FuzzCounts {
  const random = generator(seed);
  const counts: FuzzCounts = { accepted: 0, refused: 0, records: 0, recordsByWasm: 0 };
  for (let at = 0; at < cases; at++) {
    const { form, text } = randomDocument(random);
    const file = at % 2 === 0 ? Buffer.from(text) : spoil(text, random);
    const expected = expectedSplit(file, form);
    const size = 1 + Math.floor(random() * (random() < 0.3 ? 12 : 4 * file.length));
    const outcomes = engines.map((engine) => outcome(file, form, engine, size));
    const [one, other] = outcomes as [Outcome, Outcome];
    try {
      deepStrictEqual(one.told, other.told);
      deepStrictEqual(one.split, expected);
    } catch (error) {
      throw new Error(`seed ${seed}, case ${at}, chunks of ${size}: ${JSON.stringify(file.toString('latin1'))}`, {
        cause: error,
      });
    }
    if (one.split === undefined) counts.refused++;
    else counts.accepted++;
    for (const { records } of Object.values(one.split?.lists ?? {})) counts.records += records.length;
    counts.recordsByWasm += one.recordsByWasm + other.recordsByWasm;
  }
  return counts;
}

interface Outcome {
  /** Undefined if the file was refused. */
  readonly split: ExpectedSplit | undefined;
  /** All that must be the same whichever engine it was: the bytes written, or what the error says. */
  readonly told: unknown;
  readonly recordsByWasm: number;
}

function outcome(file: Uint8Array, form: FileForm<string>, engine: SplitEngine, size: number): Outcome {
  try {
    const made = split(file, { form, engine, size });
    const lists = [...made.summary.lists].map(([name, { records, census }]) => {
      const lines = (made.lines[name] ?? []).map((line) => JSON.stringify(JSON.parse(line)));
      if (lines.length !== records) throw new Error(`${lines.length} lines, but ${records} records are reported.`);
      return [name, { records: lines, census: censusCounts(census) }] as const;
    });
    const result = { lists: Object.fromEntries(lists), skipped: Object.fromEntries(made.summary.skipped) };
    return { split: result, told: [made.lines, result], recordsByWasm: made.recordsByWasm };
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    return { split: undefined, told: error.message, recordsByWasm: 0 };
  }
}
