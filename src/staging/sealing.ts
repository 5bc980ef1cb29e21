import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

/*
 * A sealed file: a mark, then frames, each encrypted for itself by AES-256-GCM, so that a file can grow, be cut off and go on:
 *
 *   length of the text, 4 bytes | nonce, 12 bytes | text, encrypted | tag, 16 bytes
 *
 * The nonce is random, since a frame that is written again after a crash may hold other bytes than before. Name of the file and
 * number of the frame are authenticated with it: no frame can be moved. That none is missing at the end, the reference tells.
 */

const MARK = Buffer.from('CLSEAL1\n', 'latin1');
const LENGTH_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = LENGTH_BYTES + NONCE_BYTES;
const CIPHER = 'aes-256-gcm';
/** Bounds the memory of whoever reads a frame whose length was damaged. */
export const MAX_FRAME_BYTES = 1024 * 1024;

export interface Seal {
  readonly key: KeyObject;
  /** Of the file, in its run. */
  readonly name: string;
}

/** The next bytes of a sealed file. @param place number of the frame, from 0 */
export function sealed({ key, name }: Seal, place: number, text: Uint8Array): Buffer[] {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(placeOf(name, place));
  const body = cipher.update(text);
  cipher.final();
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  return [...(place === 0 ? [MARK] : []), length, nonce, body, cipher.getAuthTag()];
}

const FRAME_OVERHEAD = HEAD_BYTES + TAG_BYTES;

/** How long so much text is when it is sealed in frames of `frameBytes`, all full but the last; empty text has one frame too. */
export function sealedLength(textBytes: number, frameBytes: number): number {
  return MARK.length + Math.max(1, Math.ceil(textBytes / frameBytes)) * FRAME_OVERHEAD + textBytes;
}

/** The inverse: how much text is in a file of such frames. */
export function textLength(sealedBytes: number, frameBytes: number): number {
  const frames = sealedBytes - MARK.length;
  return Math.max(0, frames - Math.ceil(frames / (frameBytes + FRAME_OVERHEAD)) * FRAME_OVERHEAD);
}

export interface Frame {
  readonly text: Buffer;
  /** Position in the sealed file behind the frame. */
  readonly end: number;
}

/** The file is not what was sealed under this key, from here on. */
export class BrokenSeal extends Error {}

/**
 * The frames of a sealed file, in their order.
 * @throws BrokenSeal at the first frame that is not whole or not authentic, the mark included; what `bytes` throws
 */
export async function* unsealed({ key, name }: Seal, bytes: AsyncIterable<Buffer>): AsyncGenerator<Frame, void> {
  let rest: Buffer = Buffer.alloc(0);
  let place = 0;
  let end = 0;
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (end === 0) {
      if (rest.length < MARK.length) continue;
      if (!rest.subarray(0, MARK.length).equals(MARK)) throw new BrokenSeal();
      rest = rest.subarray(MARK.length);
      end = MARK.length;
    }
    for (;;) {
      const length = rest.length < HEAD_BYTES ? undefined : rest.readUInt32BE(0);
      if (length !== undefined && length > MAX_FRAME_BYTES) throw new BrokenSeal();
      if (length === undefined || rest.length < HEAD_BYTES + length + TAG_BYTES) break;
      const bodyEnd = HEAD_BYTES + length;
      const text = openFrame(key, placeOf(name, place), rest, bodyEnd);
      rest = rest.subarray(bodyEnd + TAG_BYTES);
      place += 1;
      end += bodyEnd + TAG_BYTES;
      yield { text, end };
    }
  }
  if (rest.length > 0) throw new BrokenSeal();
}

function openFrame(key: KeyObject, place: Buffer, frame: Buffer, bodyEnd: number): Buffer {
  const decipher = createDecipheriv(CIPHER, key, frame.subarray(LENGTH_BYTES, HEAD_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(place).setAuthTag(frame.subarray(bodyEnd, bodyEnd + TAG_BYTES));
  const text = decipher.update(frame.subarray(HEAD_BYTES, bodyEnd));
  try {
    decipher.final();
  } catch {
    throw new BrokenSeal();
  }
  return text;
}

const placeOf = (name: string, place: number): Buffer => Buffer.from(`${name}\0${place}`);
