import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { bundledSource } from '../support/bundled-source.js';
import { startNode, type ChildResult } from '../support/child.js';
import { serve } from '../support/http-server.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-process-'));
});
afterEach(() => rm(folder, { recursive: true }));

const good = {
  CLARI_API_KEY: 'not-a-real-token',
  CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
};

async function runWorker(variables: Readonly<Record<string, string>>): Promise<ChildResult> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: folder, ...variables };
  return startNode([await bundledSource('src/worker.ts')], { cwd: folder, env }).ended;
}

/** Exit code 2, and on the error output one line a fault and nothing else. */
function expectFaults({ exitCode, stdout, stderr }: ChildResult, faults: readonly RegExp[]): void {
  const lines = stderr.trimEnd().split('\n');
  expect(lines[0]).toBe(`The configuration has ${faults.length} fault(s):`);
  expect(lines).toHaveLength(1 + faults.length);
  for (const fault of faults) expect(stderr).toMatch(fault);
  expect(stderr + stdout).not.toMatch(/\n\s+at |node_modules|not-a-real/);
  expect(exitCode).toBe(2);
}

/** A port that was free a moment ago: nobody answers there. */
async function closedPort(): Promise<string> {
  const server = await serve(() => undefined);
  await server.close();
  return server.host;
}

describe('a worker that can not start says why, all at once, and ends with code 2', () => {
  test('with an empty environment in an empty folder, which stays empty', async () => {
    expectFaults(await runWorker({}), [/CLARI_API_KEY: is missing/, /CLARI_REDACTION_KEY: is missing/]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('with faults in what is Clari’s and what is Temporal’s', async () => {
    const result = await runWorker({
      TEMPORAL_TLS: 'TRUE',
      TEMPORAL_CONFIG_FILE: 'no.toml',
      CLARI_API_KEI: 'x',
      CLARI_LOG_LEVEL: 'loud',
    });
    expectFaults(result, [
      /TEMPORAL_TLS: must be exactly/,
      /TEMPORAL_CONFIG_FILE: names a file that does not exist/,
      /CLARI_API_KEI: no such variable; CLARI_API_KEY was probably meant/,
      /CLARI_LOG_LEVEL: must be one of/,
      /CLARI_API_KEY: is missing/,
      /CLARI_REDACTION_KEY: is missing/,
    ]);
  });

  test('with a missing token file, a short key, a key of random bytes and a folder as database', async () => {
    await mkdir(join(folder, 'database'));
    await writeFile(join(folder, 'binary'), Buffer.alloc(32, 0xc3));
    const result = await runWorker({
      CLARI_API_KEY_FILE: 'no-token',
      CLARI_REDACTION_KEY: 'too short',
      CLARI_STAGING_KEY_FILE: 'binary',
      CLARI_DESTINATION: 'duckdb:database',
      TEMPORAL_ADDRESS: await closedPort(),
    });
    expectFaults(result, [
      /no-token.* \(ENOENT\)/,
      /key .*at least 32/,
      /binary is not UTF-8 text; .*openssl rand -hex 32/,
      /directory, while opening .*database/,
    ]);
    expect(result.stderr).not.toContain('too short');
  });

  test('with plain http to a foreign host, a staging folder that is a file, and a folder as database', async () => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'database'), { recursive: true });
    const result = await runWorker({
      ...good,
      CLARI_BASE_URL: 'http://clari.example/v4',
      CLARI_STAGING_DIR: 'file',
      CLARI_DESTINATION: 'duckdb:database',
      TEMPORAL_ADDRESS: await closedPort(),
    });
    expectFaults(result, [/plain http to clari.example/, /[Ss]taging.*not a folder/, /directory.*database/]);
  });

  test('with a namespace that the server does not have: the command that makes it', async () => {
    const result = await runWorker({
      ...good,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TEMPORAL_NAMESPACE: 'nosuch',
    });
    expectFaults(result, [/no namespace "nosuch".*temporal operator namespace create --namespace nosuch/]);
  });

  test('with a Temporal server that can not be reached: one sentence with the address', async () => {
    const address = await closedPort();
    const result = await runWorker({ ...good, TEMPORAL_ADDRESS: address });
    expectFaults(result, [new RegExp(`Temporal can not be reached at ${address}: check TEMPORAL_ADDRESS`)]);
  });

  test('with a server that is not Temporal', async () => {
    const server = await serve((_request, response) => response.end('<html>not-a-real page</html>'));
    const result = await runWorker({ ...good, TEMPORAL_ADDRESS: server.host });
    await server.close();
    expectFaults(result, [new RegExp(`Temporal can not be reached at ${server.host}`)]);
  });

  test('with faults in its .env', async () => {
    await writeFile(join(folder, '.env'), 'CLARI_API_KEY=not-a-real-token\nCLARI_POLICY=production\n');
    expectFaults(await runWorker({ CLARI_DESTINATION: 'odd' }), [/CLARI_DESTINATION: must be duckdb:PATH/]);
    expectFaults(await runWorker({}), [
      /connection default: the policy production lands what may be names or e-mails \(.*forecast_users\.email.*"undeclared" is not/,
      /connection default: the policy production lands exact amounts \(.*CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION/,
    ]);
  });

  test('with every fault of its policy file, by place and without its content', async () => {
    const file = join(folder, 'policy.yaml');
    await writeFile(
      file,
      'name: keyed\nversion: 0\nextends: keyed\ntreatments:\n  forecast_users.nme: not-a-real-one\n',
    );
    expectFaults(await runWorker({ ...good, CLARI_POLICY: 'file:policy.yaml' }), [
      /the policy .*policy.yaml: name: is the name of a built-in policy; give it another/,
      /policy.yaml: version: must be a whole number from 1 up/,
      /policy.yaml: treatments.forecast_users.nme: there is no such column; forecast_users.name was probably meant/,
    ]);
  });
});
