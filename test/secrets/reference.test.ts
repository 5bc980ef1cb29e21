import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExportError } from '../../src/model/export-error.js';
import { parseSecretReference } from '../../src/secrets/reference.js';
import { errorOf } from '../support/http-server.js';

const VALUE = 'not-a-real-value';

describe('a secret reference', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('reads a variable without the newline at its end', async () => {
    vi.stubEnv('TEST_TOKEN', `${VALUE}\r\n`);
    await expect(parseSecretReference('env:TEST_TOKEN').read()).resolves.toBe(VALUE);
  });

  it('reads a file anew at each use, without the newline at its end', async () => {
    const path = join(folder, 'token');
    const secret = parseSecretReference(`file:${path}`);
    await writeFile(path, `${VALUE}\n`);
    await expect(secret.read()).resolves.toBe(VALUE);
    await writeFile(path, 'rotated');
    await expect(secret.read()).resolves.toBe('rotated');
  });

  it('refuses an unset variable, an empty one, a missing file, an empty one, a folder and an oversized file, naming the reference', async () => {
    vi.stubEnv('TEST_EMPTY', '\n');
    await writeFile(join(folder, 'empty'), '\n');
    await writeFile(join(folder, 'big'), 'x'.repeat(64 * 1024 + 1));
    const references = [
      'env:TEST_NOT_SET',
      'env:TEST_EMPTY',
      ...['missing', 'empty', '.', 'big'].map((name) => `file:${folder}/${name}`),
    ];
    for (const reference of references) {
      const error = await errorOf(parseSecretReference(reference).read());
      expect(error).toBeInstanceOf(ExportError);
      expect(error).toMatchObject({ type: 'SecretUnavailable' });
      expect((error as Error).message).toContain(reference);
    }
  });

  it('sees the file that a link leads to, which Kubernetes replaces', async () => {
    for (const version of ['first', 'second']) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'token'), version);
    }
    await symlink('first', join(folder, '..data'));
    await symlink(join('..data', 'token'), join(folder, 'token'));
    const secret = parseSecretReference(`file:${folder}/token`);
    await expect(secret.read()).resolves.toBe('first');
    await symlink('second', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await rm(join(folder, 'first'), { recursive: true });
    await expect(secret.read()).resolves.toBe('second');
  });

  it.each([
    [
      'which kinds there are',
      [VALUE, `vault:${VALUE}`, `constructor:${VALUE}`, 'env:', ''],
      /env:NAME.*file:\/absolute\/path.*exec:.*aws-secretsmanager:/,
    ],
    ['how a variable is named', [`env:${VALUE}`], /write env:NAME/],
    ['how a file is named', [`file:${VALUE}`, `file:/${VALUE}\n`], /write file:\/absolute\/path/],
    ['how a command is named', [`exec:./${VALUE}`, `exec:${VALUE} | head`], /begins with exec: is wrong/],
    [
      'how a secret of AWS is named',
      ['id?#', `id ${VALUE}`, `id##${VALUE}`, `id?${VALUE}=1`, `id?region=${VALUE}.`, `id?version=${VALUE}`].map(
        (rest) => `aws-secretsmanager:${rest}`,
      ),
      /begins with aws-secretsmanager: is wrong/,
    ],
  ])('says %s, and never repeats what is wrong', (_, texts, rule) => {
    for (const text of texts) {
      let message = '';
      try {
        parseSecretReference(text);
      } catch (error) {
        expect(error).toMatchObject({ type: 'ConfigurationInvalid' });
        message = (error as Error).message;
      }
      expect(message).toMatch(rule);
      expect(message).not.toContain(VALUE);
    }
  });

  it('shows its reference alone, even after it was read', async () => {
    vi.stubEnv('TEST_TOKEN', VALUE);
    const secret = parseSecretReference('env:TEST_TOKEN');
    await secret.read();
    expect(JSON.stringify({ secret })).toBe('{"secret":"env:TEST_TOKEN"}');
    expect(inspect(secret, { showHidden: true, depth: 10 })).toBe('Secret(env:TEST_TOKEN)');
  });
});
