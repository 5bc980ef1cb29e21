import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { temporalSettings } from '../../src/config/temporal.js';

let folder: string;
/** A home without a configuration of Temporal's own. */
let home: { HOME: string; XDG_CONFIG_HOME: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-config-'));
  home = { HOME: folder, XDG_CONFIG_HOME: folder };
});
afterEach(() => rm(folder, { recursive: true }));

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    temporalSettings({ ...home, ...environment });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

async function configFile(text: string): Promise<string> {
  const file = join(folder, 'temporal.toml');
  await writeFile(file, text);
  return file;
}

test('without any variable it is the local development server', () => {
  expect(temporalSettings(home)).toMatchObject({ address: '127.0.0.1:7233', namespace: 'default' });
});

test('the variables of the temporal command line are taken', () => {
  const settings = temporalSettings({
    ...home,
    TEMPORAL_ADDRESS: 'temporal.example.com:7233',
    TEMPORAL_NAMESPACE: 'revenue',
    TEMPORAL_API_KEY: 'not-a-real-key',
  });
  expect(settings).toMatchObject({ address: 'temporal.example.com:7233', namespace: 'revenue' });
  expect(settings.connection).toMatchObject({ address: 'temporal.example.com:7233', apiKey: 'not-a-real-key' });
  expect(settings.connection.tls).not.toBe(false);
});

describe('TLS', () => {
  test.each(['TRUE', 'True', 'yes', 'on', ' true', '2'])('spelt %j is refused: the SDK would turn it off', (tls) => {
    expect(faultsOf({ TEMPORAL_TLS: tls })).toEqual(['TEMPORAL_TLS: must be exactly 1, true, 0 or false']);
  });

  test.each(['1', 'true'])('spelt %j is on', (tls) => {
    expect(temporalSettings({ ...home, TEMPORAL_TLS: tls }).connection.tls).toBeTruthy();
  });

  test.each(['0', 'false'])('off with an API key is refused: %s', (tls) => {
    expect(faultsOf({ TEMPORAL_TLS: tls, TEMPORAL_API_KEY: 'not-a-real-key' })).toEqual([
      expect.stringContaining('would send the key in clear text'),
    ]);
    expect(faultsOf({ TEMPORAL_TLS: tls })).toEqual([]);
  });

  test('off in the file with an API key is refused', async () => {
    const file = await configFile(
      '[profile.default]\naddress = "127.0.0.1:7233"\napi_key = "x"\n[profile.default.tls]\ndisabled = true\n',
    );
    expect(faultsOf({ TEMPORAL_CONFIG_FILE: file })).toEqual([expect.stringContaining('in clear text')]);
  });
});

describe('a configuration file', () => {
  test('gives address and namespace of the profile that is named', async () => {
    const file = await configFile(
      '[profile.default]\naddress = "one.example.com:7233"\n[profile.staging]\naddress = "two.example.com:7233"\nnamespace = "revenue-staging"\n',
    );
    expect(temporalSettings({ ...home, TEMPORAL_CONFIG_FILE: file })).toMatchObject({
      address: 'one.example.com:7233',
      namespace: 'default',
    });
    const staging = temporalSettings({ ...home, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'staging' });
    expect(staging).toMatchObject({ address: 'two.example.com:7233', namespace: 'revenue-staging' });
    expect(staging.connection.address).toBe('two.example.com:7233');
  });

  test('gives way to a variable', async () => {
    const file = await configFile('[profile.default]\naddress = "one.example.com:7233"\nnamespace = "one"\n');
    const settings = temporalSettings({ ...home, TEMPORAL_CONFIG_FILE: file, TEMPORAL_NAMESPACE: 'two' });
    expect(settings).toMatchObject({ address: 'one.example.com:7233', namespace: 'two' });
  });

  test('that does not exist is refused: the SDK would pass over it', () => {
    expect(faultsOf({ TEMPORAL_CONFIG_FILE: join(folder, 'no.toml'), TEMPORAL_TLS: 'TRUE' })).toEqual([
      'TEMPORAL_TLS: must be exactly 1, true, 0 or false',
      'TEMPORAL_CONFIG_FILE: names a file that does not exist',
    ]);
  });

  test.each([
    ['that is not TOML', 'address: one.example.com', {}],
    ['without the profile', '[profile.default]\n', { TEMPORAL_PROFILE: 'staging' }],
  ])('%s is refused, without a word of its text', async (_name, text, more) => {
    const faults = faultsOf({ TEMPORAL_CONFIG_FILE: await configFile(text), ...more });
    expect(faults).toEqual([expect.stringContaining('TEMPORAL_CONFIG_FILE')]);
    expect(faults.join()).not.toContain('one.example.com');
  });
});

test('this process’s own variables are not looked at', () => {
  process.env['TEMPORAL_ADDRESS'] = 'elsewhere.example.com:7233';
  try {
    expect(temporalSettings(home).address).toBe('127.0.0.1:7233');
  } finally {
    delete process.env['TEMPORAL_ADDRESS'];
  }
});
