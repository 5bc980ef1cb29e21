import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import { variables } from '../../src/config/variables.js';

const good = { CLARI_API_KEY: 'not-a-real-token', CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one' };

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    settingsFromEnvironment(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

test('a token and a key are enough: everything else has a default', () => {
  const { connections, accounts, ...settings } = settingsFromEnvironment(good);
  expect(settings).toEqual({
    taskQueue: 'clari',
    staging: { kind: 'folder', path: 'staging' },
    allowedLinkHosts: [],
    limits: {},
    deadline: 172_800,
    memoryLimitMb: 320,
    logLevel: 'info',
  });
  expect(accounts).toMatchObject([{ name: 'default', baseUrl: 'https://api.clari.com/v4' }]);
  expect(connections).toMatchObject([
    { environment: 'undeclared', policy: 'keyed', destination: { kind: 'duckdb', path: 'warehouse.duckdb' } },
  ]);
});

test('the defaults that the table of variables tells are the real ones', () => {
  const told = Object.fromEntries(
    Object.entries(variables).flatMap(([name, { default: value }]) => (value === null ? [] : [[name, value]])),
  );
  const shown = (environment: Readonly<Record<string, string>>): string =>
    JSON.stringify(settingsFromEnvironment(environment));
  expect(shown({ ...good, ...told })).toBe(shown(good));
});

test('what may change before an export is held is given in percent, and how long it is held in hours', () => {
  const hold = (more: Readonly<Record<string, string>>) =>
    settingsFromEnvironment({ ...good, ...more }).connections[0]?.hold;
  expect(hold({})).toEqual({ changePercent: 50, seconds: 86_400 });
  expect(hold({ CLARI_HOLD_CHANGE_PERCENT: '0', CLARI_HOLD_HOURS: '2' })).toEqual({ changePercent: 0, seconds: 7200 });
  expect(faultsOf({ ...good, CLARI_HOLD_CHANGE_PERCENT: '-1', CLARI_HOLD_HOURS: '0' })).toEqual([
    'CLARI_HOLD_CHANGE_PERCENT: must be a whole number from 0 to 1000',
    'CLARI_HOLD_HOURS: must be a whole number from 1 to 720',
  ]);
});

test('every fault is listed at once, by its variable, and no value is', () => {
  const odd = 'Jo Doe';
  const faults = faultsOf({
    CLARI_BASE_URL: odd,
    CLARI_ORG_ID: odd,
    CLARI_ENVIRONMENT: odd,
    CLARI_POLICY: odd,
    CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: odd,
    CLARI_REDACTION_KEY_NAME: odd,
    CLARI_REDACTION_KEY_VERSION: odd,
    CLARI_DESTINATION: odd,
    CLARI_TASK_QUEUE: odd,
    CLARI_ACTIVITY_LIMITS: odd,
    CLARI_RUN_DEADLINE: odd,
    CLARI_MEMORY_LIMIT_MB: odd,
    CLARI_LOG_LEVEL: odd,
    CLARI_COPILOT_CLIENT_ID: odd,
    CLARI_API_KEI: odd,
  });
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'CLARI_API_KEI',
    'CLARI_API_KEY',
    'CLARI_COPILOT_CLIENT_ID',
    'CLARI_BASE_URL',
    'CLARI_ORG_ID',
    'CLARI_ENVIRONMENT',
    'CLARI_POLICY',
    'CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION',
    'CLARI_REDACTION_KEY_NAME',
    'CLARI_REDACTION_KEY_VERSION',
    'CLARI_DESTINATION',
    'CLARI_TASK_QUEUE',
    'CLARI_ACTIVITY_LIMITS',
    'CLARI_RUN_DEADLINE',
    'CLARI_MEMORY_LIMIT_MB',
    'CLARI_LOG_LEVEL',
  ]);
  expect(faults.join()).not.toContain('Jo');
  for (const fault of faults) expect(fault).toMatch(/^\w+: [a-z].{8,}/);
});

test('a fault of one variable hides no missing key', () => {
  expect(faultsOf({ CLARI_LOG_LEVEL: 'loud' }).map((fault) => fault.split(':')[0])).toEqual([
    'CLARI_API_KEY',
    'CLARI_LOG_LEVEL',
    'CLARI_REDACTION_KEY',
  ]);
});

describe('a variable that is nearly one of ours is refused, not ignored', () => {
  test.each([
    ['CLARI_APIKEY', 'CLARI_API_KEY'],
    ['CLARI_API_KEY_FLIE', 'CLARI_API_KEY_FILE'],
    ['CLARI_ENVIROMENT', 'CLARI_ENVIRONMENT'],
    ['CLARI_TASKQUEUE', 'CLARI_TASK_QUEUE'],
    ['CLARI_STAGING_DIRS', 'CLARI_STAGING_DIR'],
    ['CLARI_FORECAST', 'CLARI_FORECASTS'],
    ['Clari_Policy', 'CLARI_POLICY'],
  ])('%s: %s', (name, meant) => {
    expect(faultsOf({ ...good, [name]: 'x' })).toEqual([`${name}: no such variable; ${meant} was probably meant`]);
  });

  test('a variable of somebody else’s is not', () => {
    expect(faultsOf({ ...good, CLARI_TEAM_CALENDAR: 'x', CLARI_TEMPORAL_CACHE: 'x', PATH: 'x' })).toEqual([]);
  });
});

describe('a secret', () => {
  test('comes from a variable or from a file, by its reference', () => {
    const direct = settingsFromEnvironment(good);
    expect(direct.accounts[0]?.token.reference).toBe('env:CLARI_API_KEY');
    expect(direct.connections[0]?.redactionKey?.secret.reference).toBe('env:CLARI_REDACTION_KEY');
    const files = settingsFromEnvironment({ CLARI_API_KEY_FILE: '/run/a', CLARI_REDACTION_KEY_FILE: 'b' });
    expect(files.accounts[0]?.token.reference).toBe('file:/run/a');
    expect(files.connections[0]?.redactionKey?.secret.reference).toBe(`file:${process.cwd()}/b`);
    expect(JSON.stringify(direct)).not.toContain('not-a-real');
  });

  test.each([
    ['aws-secretsmanager:clari/prod/api-token#key', 'aws-secretsmanager:clari/prod/api-token#key'],
    ['exec:op read op://vault/item/field', 'exec:op'],
    ['file:/run/secrets/clari', 'file:/run/secrets/clari'],
    ['env:OTHER', 'env:OTHER'],
  ])('comes from where a reference says: %s', (from, reference) => {
    const given = { CLARI_API_KEY_FROM: from, CLARI_REDACTION_KEY_FROM: from, CLARI_STAGING_KEY_FROM: from };
    const { accounts, connections, stagingKey } = settingsFromEnvironment({
      ...given,
      CLARI_STAGING_DIR: 's3://bucket',
    });
    const secrets = [accounts[0]?.token, connections[0]?.redactionKey?.secret, stagingKey];
    expect(secrets.map((secret) => secret?.reference)).toEqual([reference, reference, reference]);
  });

  test('comes from a variable of another name, which the reference gives', async () => {
    const { accounts } = settingsFromEnvironment({
      ...good,
      CLARI_API_KEY: '',
      CLARI_API_KEY_FROM: 'env:OTHER',
      OTHER: 'x',
    });
    await expect(accounts[0]?.token.read()).resolves.toBe('x');
  });

  test('is refused where the reference is none, which is not repeated', () => {
    const from = { CLARI_API_KEY_FROM: 'not-a-real-token', CLARI_REDACTION_KEY_FROM: 'exec:not-a-real | pipe' };
    expect(faultsOf(from)).toEqual([
      expect.stringMatching(
        /^CLARI_API_KEY_FROM: A secret is named by env:NAME .*aws-secretsmanager:ID; this reference/,
      ),
      expect.stringMatching(/^CLARI_REDACTION_KEY_FROM: .* exec: is wrong: it runs without a shell/),
    ]);
    expect(faultsOf(from).join()).not.toContain('not-a-real');
  });

  test('is refused when it is given both ways', () => {
    expect(faultsOf({ ...good, CLARI_API_KEY_FILE: '/run/a', CLARI_REDACTION_KEY_FILE: '/run/b' })).toEqual([
      'CLARI_API_KEY: is set together with CLARI_API_KEY_FILE; set one of the two',
      'CLARI_REDACTION_KEY: is set together with CLARI_REDACTION_KEY_FILE; set one of the two',
    ]);
    const named = { CLARI_API_KEY_FILE: '/run/a', CLARI_API_KEY_FROM: 'file:/run/a' };
    expect(faultsOf({ ...good, CLARI_API_KEY: '', ...named })).toEqual([
      'CLARI_API_KEY_FILE: is set together with CLARI_API_KEY_FROM; set one of the two',
    ]);
  });

  test('counts as absent when it is empty, as every variable does', () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']));
    expect(faultsOf({ ...empty, ...good })).toEqual([]);
    expect(settingsFromEnvironment({ ...empty, ...good }).taskQueue).toBe('clari');
    expect(faultsOf(empty).map((fault) => fault.split(':')[0])).toEqual(['CLARI_API_KEY', 'CLARI_REDACTION_KEY']);
    expect(faultsOf({ ...good, CLARI_API_KEY: '   ' }).map((fault) => fault.split(':')[0])).toEqual(['CLARI_API_KEY']);
  });
});

describe('the policy', () => {
  const connectionOf = (more: Readonly<Record<string, string>>) =>
    settingsFromEnvironment({ ...good, ...more }).connections[0];

  test('is one of those that come with the package, or a file', () => {
    for (const policy of ['keyed', 'production', 'brief'])
      expect(connectionOf({ CLARI_POLICY: policy })?.policy).toBe(policy);
    expect(connectionOf({ CLARI_POLICY: 'file:/etc/clari/policy.yaml' })?.policy).toBe('file:/etc/clari/policy.yaml');
    expect(connectionOf({ CLARI_POLICY: 'file:policy.yaml' })?.policy).toBe(`file:${process.cwd()}/policy.yaml`);
    for (const odd of ['toString', 'file:', 'Keyed', 'policy.yaml'])
      expect(faultsOf({ ...good, CLARI_POLICY: odd })).toEqual([
        'CLARI_POLICY: must be keyed, production, brief or file:PATH',
      ]);
  });

  test('lands personal data outside production for a reason in words alone', () => {
    const allowedBecause = (reason: string): string | undefined =>
      connectionOf({ CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: reason })?.personalAllowedBecause;
    expect(connectionOf({})?.personalAllowedBecause).toBeUndefined();
    expect(allowedBecause(' the copy for the audit of 2027 ')).toBe('the copy for the audit of 2027');
    for (const odd of ['true', '1', 'two\nlines of it', 'x'.repeat(201)])
      expect(faultsOf({ ...good, CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: odd })).toEqual([
        'CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: must say why, in one line of 10 to 200 characters',
      ]);
  });

  test('has a key with a name and a version', () => {
    expect(connectionOf({})?.redactionKey).toMatchObject({ name: 'default', version: '1' });
    expect(
      connectionOf({ CLARI_REDACTION_KEY_NAME: 'people', CLARI_REDACTION_KEY_VERSION: '2027-01' })?.redactionKey,
    ).toMatchObject({ name: 'people', version: '2027-01' });
  });

  test('"keyed" without a key is refused, wherever it comes from', () => {
    const { CLARI_API_KEY } = good;
    for (const more of [{}, { CLARI_POLICY: 'keyed' }, { CLARI_POLICY: 'keyed', CLARI_ENVIRONMENT: 'production' }]) {
      expect(faultsOf({ CLARI_API_KEY, ...more })).toEqual([expect.stringMatching(/^CLARI_REDACTION_KEY: is missing/)]);
    }
  });

  test('is production in production and keyed elsewhere, where none is named', () => {
    const policyIn = (environment: string): string | undefined =>
      settingsFromEnvironment({ ...good, CLARI_ENVIRONMENT: environment }).connections[0]?.policy;
    expect(policyIn('production')).toBe('production');
    for (const other of ['Production', 'PRODUCTION', 'preproduction', 'demo']) expect(policyIn(other)).toBe('keyed');
  });
});

describe('figures', () => {
  test.each([
    ['CLARI_RUN_DEADLINE', 600, 2_592_000],
    ['CLARI_MEMORY_LIMIT_MB', 256, 65_536],
  ])('%s keeps its bounds', (variable, least, most) => {
    for (const inside of [least, most]) expect(faultsOf({ ...good, [variable]: String(inside) })).toEqual([]);
    for (const outside of [
      String(least - 1),
      String(most + 1),
      `${least}.5`,
      '1e999',
      '-1',
      'NaN',
      '0x400',
      '6e2',
      '2 GB',
    ]) {
      expect([outside, faultsOf({ ...good, [variable]: outside })]).toEqual([
        outside,
        [expect.stringContaining(`${variable}: must be`)],
      ]);
    }
  });
});

describe('activity limits', () => {
  test('are JSON of the table’s activities and limits, within their bounds', () => {
    const limits = '{"awaitExport":{"scheduleToClose":43200},"verifyAuth":{"heartbeat":60}}';
    expect(settingsFromEnvironment({ ...good, CLARI_ACTIVITY_LIMITS: limits }).limits).toEqual(JSON.parse(limits));
  });

  test.each([
    ['{', ['must be JSON']],
    ['[]', ['must be a JSON object like']],
    ['{"awaitexport":{}}', ['awaitexport: no such activity']],
    [
      '{"awaitExport":{"heartbeat":5,"startToClose":"60"}}',
      ['awaitExport.heartbeat: must be a number of seconds from 60', 'awaitExport.startToClose: must be a number'],
    ],
  ])('are refused otherwise: %s', (text, said) => {
    const faults = faultsOf({ ...good, CLARI_ACTIVITY_LIMITS: text });
    expect(faults).toEqual(said.map((part) => expect.stringContaining(`CLARI_ACTIVITY_LIMITS: ${part}`) as string));
  });
});

test('lists are separated by commas, with or without blanks', () => {
  const settings = settingsFromEnvironment({
    ...good,
    CLARI_FORECASTS: ' net_arr, renewals,,',
    CLARI_ALLOWED_LINK_HOSTS: 'files.internal:8443 ,127.0.0.1:9000',
  });
  expect(settings.connections[0]?.forecasts).toEqual(['net_arr', 'renewals']);
  expect(settings.allowedLinkHosts).toEqual(['files.internal:8443', '127.0.0.1:9000']);
});
