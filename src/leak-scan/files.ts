import { createReadStream } from 'node:fs';
import { lstat, open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Looked } from './looked.js';
import type { Search } from './search.js';

export interface LookAtFilesOptions {
  /** Files to leave out, by their paths. */
  readonly except?: (file: string) => boolean;
}

const PIECE = 256 * 1024;

/** Contents that are compressed or encrypted within the file: a search of its bytes proves nothing. */
const packed: readonly (readonly [RegExp, string])[] = [
  [/\.(duckdb|db\.duckdb|ddb)$/i, 'a DuckDB database compresses texts: look into it with --duckdb'],
  [/\.parquet$/i, 'Parquet compresses texts: load it, and look into the database'],
  [/\.(zip|zst|xz|bz2|7z|lz4|snappy)$/i, 'it is compressed: unpack it'],
];

/**
 * Looks at a file, or at all files below a folder: at their names and contents, of what gzip zipped also at the text. A link is
 * followed where it is the place itself, not below it. Memory does not grow with the files.
 */
export async function* lookAtFiles(
  search: Search,
  place: string,
  { except = () => false }: LookAtFilesOptions = {},
): AsyncGenerator<Looked> {
  for await (const { file, fault } of filesBelow(place, stat)) {
    if (except(file)) continue;
    const inName = search.in(path.relative(path.dirname(place), file));
    if (inName.length > 0) yield { place: `${file} (its name)`, bytes: 0, values: inName };
    yield fault === undefined ? await lookAtFile(search, file) : { place: file, bytes: 0, values: [], fault };
  }
}

async function* filesBelow(
  place: string,
  look: typeof stat,
): AsyncGenerator<{ readonly file: string; readonly fault?: string }> {
  try {
    const found = await look(place);
    if (found.isFile()) yield { file: place };
    if (!found.isDirectory()) return;
    for await (const entry of await opendir(place)) yield* filesBelow(path.join(place, entry.name), lstat);
  } catch (error) {
    // What is gone holds nothing.
    if (!isMissing(error)) yield { file: place, fault: reasonOf(error) };
  }
}

async function lookAtFile(search: Search, file: string): Promise<Looked> {
  const fault = packed.find(([name]) => name.test(file))?.[1];
  try {
    const { bytes, values } = await search.inPieces(createReadStream(file, { highWaterMark: PIECE }));
    const looked = { place: file, bytes, values, ...(fault === undefined ? {} : { fault }) };
    if (!(await isGzip(file))) return looked;
    return { ...looked, ...(await lookIntoZipped(search, file, values)) };
  } catch (error) {
    const nothing = { place: file, bytes: 0, values: [] };
    return isMissing(error) ? nothing : { ...nothing, fault: reasonOf(error) };
  }
}

async function lookIntoZipped(
  search: Search,
  file: string,
  outside: readonly string[],
): Promise<Pick<Looked, 'values' | 'fault'>> {
  const found = new Set(outside);
  try {
    const text = createGunzip();
    pipeline(createReadStream(file), text, () => undefined);
    for (const value of (await search.inPieces(text)).values) found.add(value);
    return { values: [...found].sort() };
  } catch {
    return { values: [...found].sort(), fault: 'it is zipped, and damaged' };
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const reasonOf = (error: unknown): string =>
  `it can not be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'})`;
