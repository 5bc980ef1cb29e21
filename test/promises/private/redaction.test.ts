import { createHmac } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../../src/redaction/built-in-policies.js';
import { DuckDbSession } from '../../../src/redaction/duckdb-session.js';
import { keyBlocks } from '../../../src/redaction/key-blocks.js';
import { Pieces } from '../../../src/redaction/pieces.js';
import { createRedactor } from '../../../src/redaction/redactor.js';
import { hmacSql, innerBlock, normalisedSql, OUTER_BLOCK } from '../../../src/redaction/treatment-sql.js';
import { sample } from '../../redaction/sample.js';
import { entry, failure, redact, testKey, testKeyBytes } from '../../redaction/support.js';

const { keyed, production, brief } = builtInPolicies;
const limits = { memoryLimitMb: 256, threads: 2 };
const never = (): AbortSignal => new AbortController().signal;

describe('redaction keeps people out', () => {
  it('under keyed, no name, e-mail, id or exact amount of the file is in any cell', async () => {
    const data = sample(11);
    const { tables, result } = await redact(JSON.stringify(data));
    const cells = new Set(Object.values(tables).flatMap((rows) => rows.flatMap((row) => Object.values(row))));
    const personal = [
      ...data.users.flatMap((user) => [user['name'], user['email'], user['userId'], user['crmId'], user['scopeId']]),
      ...data.entries.flatMap((record) => [record['updatedBy'], record['adjustedBy']]),
    ].filter((value): value is string => typeof value === 'string' && value.trim().length >= 2);
    expect(personal.length).toBeGreaterThan(200);
    for (const value of personal) expect(cells.has(value)).toBe(false);
    const amounts =
      tables['forecast_entries']?.map((row) => row['forecast_value']).filter((value) => value !== null) ?? [];
    expect(amounts.every((value) => /000\.0{9}$|^0\.0{9}$/.test(String(value)))).toBe(true);
    expect(JSON.stringify(result)).not.toMatch(/Person|@example/i);
  });

  it('under production, the people are in forecast_users alone', async () => {
    const data = sample(12);
    const { tables } = await redact(JSON.stringify(data), { policy: production });
    const people = data.users
      .flatMap((user) => [user['name'], user['email']])
      .filter((v): v is string => typeof v === 'string' && v !== '');
    const elsewhere = new Set(
      Object.entries(tables)
        .filter(([table]) => table !== 'forecast_users')
        .flatMap(([, rows]) => rows.flatMap((row) => Object.values(row))),
    );
    for (const value of people) expect(elsewhere.has(value)).toBe(false);
  });

  it('no failure repeats a value of the file', async () => {
    const secret = 'Wilhelmina Quux';
    const files = [
      `{"entries":[{"${secret}`,
      `{"entries":[{"a":"${secret}"}]} ${secret}`,
      `{"entries":[{"forecastValue":"${secret}"}]}`,
      `{"entries":[{"isUpdated":"${secret}"}]}`,
      `{"entries":[{"updatedBy":["${secret}"]}]}`,
      `{"entries":[{"${secret}":1,"${secret}":2}]}`,
      `{"${secret}":1}`,
      `{"entries":[],"users":[{"userId":"1","name":"${secret}","hierarchyName":"${secret}"}]}`,
      secret,
    ];
    for (const file of files) {
      const error = await failure(file);
      expect(`${error.message} ${error.stack ?? ''}`).not.toMatch(/Wilhelmina|Quux/);
      expect(error.cause).toBeUndefined();
    }
  });
});

describe('the redaction key', () => {
  it('makes the same pseudonyms as node:crypto, for short keys and long', async () => {
    const texts = ['', 'a', 'ünïcödé 😀', 'x'.repeat(300), "o'brien", 'tab\t'];
    for (const bytes of [testKeyBytes, Buffer.alloc(64, 3), Buffer.alloc(100, 5)]) {
      const blocks = await keyBlocks({ name: 'k', version: '1', bytes: () => Promise.resolve(bytes) });
      const session = await DuckDbSession.open(limits, never());
      try {
        for (const domain of ['email', 'name', 'id'] as const) {
          for (const text of texts) {
            const sql = `SELECT ${hmacSql(normalisedSql('v', domain), domain)} AS h FROM (SELECT decode($text) AS v)`;
            const row = await session.row('testing', sql, {
              text: Buffer.from(text),
              [OUTER_BLOCK]: blocks.outer,
              [innerBlock(domain)]: blocks.inner[domain],
            });
            const normalised = domain === 'id' ? text : text.trim();
            const expected = createHmac('sha256', bytes).update(`${domain}\0${normalised}`).digest('hex').slice(0, 32);
            expect(row['h']).toBe(text === '' ? null : expected);
          }
        }
      } finally {
        session.close();
      }
    }
  });

  it('is in no function, setting, variable or statement that DuckDB knows, and is wiped', async () => {
    const blocks = await keyBlocks(testKey);
    const key = blocks.outer.map((byte) => byte ^ 0x5c).subarray(0, 32);
    expect(Buffer.from(key).equals(testKeyBytes)).toBe(true);
    const sql = `SELECT ${hmacSql(`'x'`, 'id')} AS h`;
    const needles = [testKeyBytes, Buffer.from(blocks.outer), Buffer.from(blocks.inner.id.subarray(0, 64))].map((b) =>
      b.toString('hex').slice(0, 32),
    );
    const session = await DuckDbSession.open(limits, never());
    try {
      await session.run('testing', sql, { [OUTER_BLOCK]: blocks.outer, [innerBlock('id')]: blocks.inner.id });
      for (const view of [
        'duckdb_functions()',
        'duckdb_settings()',
        'duckdb_variables()',
        'duckdb_prepared_statements()',
      ]) {
        const text = JSON.stringify(
          await session.rows('testing', `SELECT to_json(t) AS j FROM ${view} AS t`),
        ).toLowerCase();
        for (const needle of needles)
          expect(text.replaceAll('\\\\x', '').replaceAll(' ', '').includes(needle)).toBe(false);
      }
    } finally {
      session.close();
    }
    blocks.wipe();
    expect([blocks.outer, ...Object.values(blocks.inner)].every((block) => block.every((byte) => byte === 0))).toBe(
      true,
    );
  });

  it('is refused when short or missing, and told apart by its mark alone', async () => {
    const short = { name: 'short', version: '1', bytes: () => Promise.resolve(Buffer.from('sixteen bytes ok')) };
    expect((await failure('{"entries":[]}', { key: short })).type).toBe('RedactionKeyUnusable');
    expect(() => createRedactor({ policy: keyed })).toThrow(/needs a redaction key/);
    expect(await createRedactor({ policy: brief, key: testKey }).keyMark()).toBeNull();
    const mark = await createRedactor({ policy: keyed, key: testKey }).keyMark();
    const check = createHmac('sha256', testKeyBytes).update('clari-temporal key check').digest('hex').slice(0, 8);
    expect(mark).toEqual({ name: 'test', version: '1', check });
    expect((await redact('{"entries":[]}')).result.key).toEqual(mark);
  });
});

describe('plain text on disk', () => {
  const file = JSON.stringify({
    entries: [entry({ updatedBy: 'Noor Haddad' })],
    users: [{ userId: '1:R', name: 'Noor Haddad' }],
  });

  it('leaves nothing in the scratch folder, whether the run ends well or not', async () => {
    expect((await redact(file)).left).toEqual([]);
    const bads = [
      file.slice(0, -1),
      '{"entries":[{"isUpdated":3}]}',
      file.replace('"Noor Haddad"', '["x"]'),
      file.replace('"name"', '"hierarchyName":"Noor Haddad","name"'),
    ];
    const types: string[] = [];
    for (const bad of bads) {
      let left: readonly string[] | undefined;
      types.push((await failure(bad, { onEnd: (names) => (left = names) })).type);
      expect(left).toEqual([]);
    }
    expect(types).toEqual(['FileMalformed', 'ValueRejected', 'ValueRejected', 'LeakFound']);
  });

  it('is removed at the end where files must have names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'redaction-'));
    try {
      const pieces = await Pieces.create(folder, false);
      pieces.write('users', Buffer.from('{"name":"Noor"}\n'));
      await pieces.settle(true);
      expect(await readFile(pieces.records('users').path, 'utf8')).toBe('{"name":"Noor"}\n');
      expect((await stat(pieces.records('users').path)).mode & 0o777).toBe(0o600);
      await pieces.close();
      await pieces.close();
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.runIf(process.platform === 'linux')('has no name while the run is under way', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'redaction-'));
    const listings: string[][] = [];
    const open: [path: string, mode: number][] = [];
    try {
      await createRedactor({ policy: keyed, key: testKey }).redact({
        files: [() => Promise.resolve(Readable.from([Buffer.from(file)]))],
        scratch: folder,
        produce: async (name, write) => {
          listings.push(await readdir(folder));
          for (const fd of await readdir('/proc/self/fd')) {
            const opened = await readlink(`/proc/self/fd/${fd}`).catch(() => '');
            if (opened.startsWith(folder)) open.push([opened, (await stat(`/proc/self/fd/${fd}`)).mode & 0o777]);
          }
          await write(join(folder, `../${name}.${process.pid}`));
          await rm(join(folder, `../${name}.${process.pid}`));
        },
        signal: never(),
        onProgress: () => undefined,
      });
      expect(listings).toEqual([[], [], [], [], []]);
      // The pieces were there all the same, and the hashes of the leak check.
      expect(open.filter(([path]) => path.includes('.ndjson'))).not.toEqual([]);
      expect(open.filter(([path]) => path.includes('.parquet'))).not.toEqual([]);
      for (const [path, mode] of open) expect([path.endsWith('(deleted)'), mode]).toEqual([true, 0o600]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const still = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    expect(still.filter((path) => path.startsWith(folder))).toEqual([]);
  });
});
