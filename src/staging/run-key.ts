import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { BrokenSeal } from './sealing.js';

/** 32 bytes under which the key of each run is kept; read at each use. */
export type WrappingKey = () => Promise<Buffer>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';

/** A new key for one run, and the form in which it is kept beside what it seals. */
export async function newRunKey(wrapping: WrappingKey, runKey: string): Promise<{ key: KeyObject; wrapped: Buffer }> {
  const bytes = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, await wrapping(), nonce).setAAD(Buffer.from(runKey));
  const body = cipher.update(bytes);
  cipher.final();
  return { key: createSecretKey(bytes), wrapped: Buffer.concat([nonce, body, cipher.getAuthTag()]) };
}

/** @throws BrokenSeal where it was wrapped under another key, or for another run */
export async function unwrappedRunKey(wrapping: WrappingKey, runKey: string, wrapped: Uint8Array): Promise<KeyObject> {
  if (wrapped.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) throw new BrokenSeal();
  const decipher = createDecipheriv(CIPHER, await wrapping(), wrapped.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(runKey)).setAuthTag(wrapped.subarray(-TAG_BYTES));
  const bytes = decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new BrokenSeal();
  }
  return createSecretKey(bytes);
}
