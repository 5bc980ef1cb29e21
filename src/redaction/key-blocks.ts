import { createHash, createHmac } from 'node:crypto';
import { ExportError } from '../model/export-error.js';
import type { KeyMark } from '../model/receipt.js';
import type { HashDomain } from './treatments.js';

/** A redaction key as configured; its bytes are read at the moment of use. */
export interface RedactionKey {
  readonly name: string;
  readonly version: string;
  /** At least 32 bytes. */
  readonly bytes: () => Promise<Uint8Array>;
}

const MIN_KEY_BYTES = 32;
const BLOCK_BYTES = 64;
const CHECK_TEXT = 'clari-temporal key check';

/**
 * The two halves of HMAC-SHA-256 as DuckDB composes it: `sha256(outer || sha256(inner || text))`. Each is the key XOR a
 * constant, as good as the key itself, and so is only ever bound as a parameter, never part of a statement's text.
 */
export interface KeyBlocks {
  readonly outer: Uint8Array;
  /** With the domain and a NUL after it: the start of every hashed message. */
  readonly inner: Readonly<Record<HashDomain, Uint8Array>>;
  readonly mark: KeyMark;
  /** Overwrites the blocks. */
  wipe(): void;
}

/** @throws ExportError `RedactionKeyUnusable`; whatever reading the key throws */
export async function keyBlocks(key: RedactionKey): Promise<KeyBlocks> {
  const bytes = await usableBytes(key);
  const short = bytes.length > BLOCK_BYTES ? createHash('sha256').update(bytes).digest() : bytes;
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(short);
  const outer = block.map((byte) => byte ^ 0x5c);
  const innerBlock = block.map((byte) => byte ^ 0x36);
  block.fill(0);
  const inner = (domain: HashDomain): Uint8Array => Buffer.concat([innerBlock, Buffer.from(`${domain}\0`)]);
  const blocks = { email: inner('email'), name: inner('name'), id: inner('id') };
  innerBlock.fill(0);
  return {
    outer,
    inner: blocks,
    mark: markOf(key, bytes),
    wipe: () => {
      for (const secret of [outer, ...Object.values(blocks)]) secret.fill(0);
    },
  };
}

/** What a receipt says of the key. @throws ExportError `RedactionKeyUnusable` */
export async function keyMark(key: RedactionKey): Promise<KeyMark> {
  return markOf(key, await usableBytes(key));
}

async function usableBytes(key: RedactionKey): Promise<Uint8Array> {
  const bytes = await key.bytes();
  if (bytes.length < MIN_KEY_BYTES) {
    throw new ExportError(
      'RedactionKeyUnusable',
      `The redaction key ${key.name} has ${bytes.length} bytes; at least ${MIN_KEY_BYTES} are needed.`,
    );
  }
  return bytes;
}

function markOf(key: RedactionKey, bytes: Uint8Array): KeyMark {
  const check = createHmac('sha256', bytes).update(CHECK_TEXT).digest('hex').slice(0, 8);
  return { name: key.name, version: key.version, check };
}
