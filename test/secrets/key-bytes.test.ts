import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyBytes } from '../../src/secrets/key-bytes.js';
import { parseSecretReference } from '../../src/secrets/reference.js';

describe('the bytes of a key', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'key-bytes-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are those of its text, whatever its letters', async () => {
    await writeFile(join(folder, 'text'), 'Schlüssel 🔑\n');
    const bytes = await keyBytes(parseSecretReference(`file:${folder}/text`), 'RedactionKeyUnusable');
    expect(bytes.toString()).toBe('Schlüssel 🔑');
  });

  it.each(['RedactionKeyUnusable', 'SecretUnavailable'] as const)(
    'are refused as %s where a file or a variable holds random bytes',
    async (type) => {
      await writeFile(join(folder, 'binary'), Buffer.from([0x41, 0xc3, 0x28, 0xff]));
      const environment = { BINARY: Buffer.from([0xff, 0x41]).toString() };
      for (const reference of [`file:${folder}/binary`, 'env:BINARY']) {
        await expect(keyBytes(parseSecretReference(reference, environment), type)).rejects.toMatchObject({
          type,
          message: `The key ${reference} is not UTF-8 text; keep a key there as text, as openssl rand -hex 32 gives it.`,
        });
      }
    },
  );
});
