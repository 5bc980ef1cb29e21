import { createHmac } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DuckDBConnection } from '@duckdb/node-api';
import { builtInPolicies } from '../../../src/redaction/built-in-policies.js';
import { createRedactor } from '../../../src/redaction/redactor.js';
import { quickRetries } from '../../support/faulty-runs.js';
import { failureOf } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';
import { sample } from '../../redaction/sample.js';
import { redact, testKey, testKeyBytes } from '../../redaction/support.js';

const timePeriod = '2027_Q2';
const forecasts = [
  { forecastId: 'net_arr', forecastName: 'Net ARR', entries: 200, users: 20, shape: 'five-lists' },
] as const;

describe('a redaction key that is replaced', () => {
  const old = 'the old key of this test, long enough to be one';
  const fresh = 'the new key of this test, long enough to be one';
  let folder: string;
  let file: string;
  let world: World;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'keys-'));
    file = path.join(folder, 'redaction.key');
    await writeFile(file, old);
    world = await startWorld({
      forecasts,
      environment: { CLARI_REDACTION_KEY: '', CLARI_REDACTION_KEY_FILE: file },
      settings: { limits: { ...quickRetries, verifyAuth: { retryInitial: 1, retryMaximum: 1, scheduleToClose: 10 } } },
    });
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  const emails = async (exportId: string): Promise<string[]> =>
    (await world.rows(`SELECT email FROM forecast_users WHERE export_id = '${exportId}'`)).flat().map(String).sort();
  const expected = (jobId: string, key: string): string[] =>
    [...world.clari.expected(jobId).records('users')]
      .map(({ email }) => String(email).trim().toLowerCase())
      .map((email) => createHmac('sha256', key).update(`email\0${email}`).digest('hex').slice(0, 32))
      .sort();

  test('lands beside what the old one landed, and both are told apart in the destination', async () => {
    const first = await world.export({ forecastId: 'net_arr', timePeriod });
    await writeFile(file, fresh);
    const second = await world.export({ forecastId: 'net_arr', timePeriod, fresh: true });
    expect(await emails(first.exportId)).toEqual(expected(first.jobId, old));
    expect(await emails(second.exportId)).toEqual(expected(second.jobId, fresh));
    expect(second.key?.check).not.toBe(first.key?.check);
    expect(await world.rows('SELECT export_id, key_version, key_check FROM exports ORDER BY landed_at')).toEqual(
      [first, second].map(({ exportId, key }) => [exportId, 'default@1', key?.check]),
    );
    expect(await world.rows('SELECT DISTINCT export_id FROM forecast_values_latest')).toEqual([[second.exportId]]);
  });

  test.each([
    ['too short', (): Promise<void> => writeFile(file, 'sixteen bytes ok'), 'RedactionKeyUnusable'],
    ['missing', (): Promise<void> => rm(file), 'SecretUnavailable'],
  ])('by one that is %s ends the run before Clari is asked for a job', async (_, spoil, type) => {
    const { length: before } = world.clari.journal.jobsCreated();
    await spoil();
    try {
      const failure = await failureOf(world.export({ forecastId: 'net_arr', timePeriod, fresh: true }));
      expect(failure.type).toBe(type);
      expect(failure.message).not.toContain('sixteen');
      expect(world.clari.journal.jobsCreated()).toHaveLength(before);
      expect(world.clari.journal.entries.filter(({ method }) => method === 'POST')).toHaveLength(before);
    } finally {
      await writeFile(file, fresh);
    }
  });
});

describe('the key of a redaction', () => {
  afterEach(() => vi.restoreAllMocks());

  /** The key, and the two blocks that are as good as it, in the ways in which a text may have bytes. */
  const spellings = [0, 0x36, 0x5c].flatMap((constant) => {
    const bytes = testKeyBytes.map((byte) => byte ^ constant);
    return (['latin1', 'hex', 'base64'] as const).map((as) => Buffer.from(bytes).toString(as).slice(0, 40));
  });
  const found = (text: string): string[] => {
    const plain = text.replaceAll('\\x', '');
    return spellings.filter((spelling) => plain.includes(spelling) || plain.toLowerCase().includes(spelling));
  };

  test('is bound to statements, and stands in the text of none', async () => {
    const ran = vi.spyOn(DuckDBConnection.prototype, 'run');
    const read = vi.spyOn(DuckDBConnection.prototype, 'runAndReadAll');
    const { result } = await redact(JSON.stringify(sample(3)), { key: testKey });
    const calls = [...ran.mock.calls, ...read.mock.calls];
    const statements = calls.map(([sql]) => sql);
    const bound = calls.reduce((sum, [, values]) => sum + Object.keys(values ?? {}).length, 0);
    expect(result.key?.check).toBeDefined();
    expect(bound).toBeGreaterThan(3);
    expect(statements.length).toBeGreaterThan(10);
    expect(found(statements.join('\n'))).toEqual([]);
    // The search finds what is there.
    expect(found(`SELECT '\\x${testKeyBytes.toString('hex')}'`)).toHaveLength(1);
  });

  test.runIf(process.platform === 'linux')('is in no file that the redaction works with or leaves', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'keys-'));
    const seen: string[] = [];
    const look = async (file: string): Promise<void> => void seen.push(await readFile(file, 'latin1'));
    try {
      await createRedactor({ policy: builtInPolicies.keyed, key: testKey, memoryLimitMb: 256 }).redact({
        files: [() => Promise.resolve(Readable.from([Buffer.from(JSON.stringify(sample(3)))]))],
        scratch: folder,
        produce: async (name, write) => {
          const file = path.join(folder, name);
          await write(file);
          await look(file);
          for (const fd of await readdir('/proc/self/fd')) {
            const target = await readlink(`/proc/self/fd/${fd}`).catch(() => '');
            if (target.startsWith(folder)) await look(`/proc/self/fd/${fd}`);
          }
        },
        signal: new AbortController().signal,
        onProgress: () => undefined,
      });
      // The five tables, and the pieces that they were made from.
      expect(seen.length).toBeGreaterThan(5);
      expect(seen.some((text) => text.includes('"hierarchyName"'))).toBe(true);
      expect(found(seen.join('\n'))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
