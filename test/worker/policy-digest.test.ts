import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import { SecretMask } from '../../src/telemetry/secret-mask.js';
import { makeParts } from '../../src/worker/parts.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'policy-digest-'));
});
afterEach(() => rm(folder, { recursive: true }));

const own = (treatment: string): string =>
  `name: ours\nversion: 1\nextends: keyed\ntreatments:\n  forecast_users.hierarchy_name: ${treatment}\n`;

async function digestWith(environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  const settings = settingsFromEnvironment({
    CLARI_API_KEY: 'not-a-real-token',
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
    CLARI_STAGING_DIR: path.join(folder, 'staging'),
    CLARI_DESTINATION: `duckdb:${path.join(folder, 'warehouse.duckdb')}`,
    ...environment,
  });
  const parts = await makeParts(settings, new SecretMask());
  await parts.close();
  return parts.connections[0]?.configDigest;
}

test('a run’s configuration is another one with another content of the policy file, wherever the file is', async () => {
  const [first, second] = [path.join(folder, 'first.yaml'), path.join(folder, 'second.yaml')];
  await Promise.all([first, second].map((file) => writeFile(file, own('drop'))));
  const digest = await digestWith({ CLARI_POLICY: `file:${first}` });
  expect(digest).toMatch(/^[\da-f]{16}$/);
  expect(await digestWith({ CLARI_POLICY: `file:${second}` })).toBe(digest);
  await writeFile(second, own('mask'));
  expect(await digestWith({ CLARI_POLICY: `file:${second}` })).not.toBe(digest);
});

test('and with another reason to land personal data outside production, or none', async () => {
  const allowed = (reason: string) => ({ CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: reason, CLARI_POLICY: 'production' });
  const digests = [
    await digestWith({}),
    await digestWith(allowed('the copy for the audit of 2027')),
    await digestWith(allowed('a trial with made-up people')),
  ];
  expect(new Set(digests).size).toBe(3);
});
