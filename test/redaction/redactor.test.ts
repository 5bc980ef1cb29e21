import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ExportError } from '../../src/model/export-error.js';
import { forecastTables } from '../../src/model/tables.js';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { RedactionInput } from '../../src/redaction/port.js';
import { sample } from './sample.js';
import { entry, failureType, readParquet, redact, testKey } from './support.js';

const { keyed } = builtInPolicies;

async function inFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'redaction-'));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const one = (raw: Readable): Pick<RedactionInput, 'files'> => ({ files: [() => Promise.resolve(raw)] });

const input = (folder: string, given: Partial<RedactionInput>): RedactionInput => ({
  ...one(Readable.from([Buffer.from('{"entries":[]}')])),
  scratch: folder,
  produce: (name, write) => write(join(folder, name)),
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...given,
});

const redactor = createRedactor({ policy: keyed, key: testKey });

/** A flat file of so many entries, made as it is read. */
function* flatEntries(count: number): Generator<string> {
  for (let at = 0; at < count; at += 1000) {
    const block = Array.from({ length: 1000 }, (_, next) => {
      const owner = (at + next) % 20_000;
      const texts = {
        ownerName: `Person ${owner}`,
        ownerEmail: `person.${owner}@example.com`,
        updatedBy: `${at + next}`.repeat(20),
      };
      return JSON.stringify(entry({ ...texts, userId: undefined, timePeriodId: undefined, timePeriod: '2027_Q2' }));
    });
    yield `${at === 0 ? '{"entries":[' : ','}${block.join(',')}`;
  }
  yield ']}';
}

describe('the redactor', () => {
  it('holds the owners of a flat file in memory to join them, and not its entries', async () => {
    await inFolder(async (folder) => {
      const { production } = builtInPolicies;
      const narrow = createRedactor({ policy: production, memoryLimitMb: 256 });
      const { tables } = await narrow.redact(input(folder, one(Readable.from(flatEntries(700_000)))));
      expect(tables.slice(0, 2).map(({ table, rows }) => [table, rows])).toEqual([
        ['forecast_entries', 700_000],
        ['forecast_users', 20_000],
      ]);
    });
  });

  it('makes all five tables of a file with one empty list, with the model’s columns', async () => {
    await inFolder(async (folder) => {
      const result = await redactor.redact(input(folder, {}));
      expect(result.tables.map(({ table, read, rows, checksum }) => [table, read, rows, checksum])).toEqual(
        forecastTables.map(({ name }) => [name, 0, 0, '0']),
      );
      const instance = await import('@duckdb/node-api').then(({ DuckDBInstance }) => DuckDBInstance.create(':memory:'));
      const connection = await instance.connect();
      for (const { name, columns } of forecastTables) {
        expect(await readParquet(join(folder, `${name}.parquet`))).toEqual([]);
        const described = await connection.runAndReadAll(`DESCRIBE FROM read_parquet('${join(folder, name)}.parquet')`);
        const types: Record<string, string> = {
          text: 'VARCHAR',
          decimal: 'DECIMAL(38,9)',
          boolean: 'BOOLEAN',
          date: 'DATE',
          timestamp: 'TIMESTAMP',
        };
        expect(described.getRowObjectsJson().map((row) => [row['column_name'], row['column_type']])).toEqual(
          columns.map((column) => [column.name, types[column.type]]),
        );
      }
      connection.closeSync();
      instance.closeSync();
    });
  });

  it('makes the model’s types from a full file too', async () => {
    const [full, empty] = await Promise.all([redact(JSON.stringify(sample(3))), redact('{"entries":[]}')]);
    for (const { name, columns } of forecastTables) {
      expect(Object.keys(full.tables[name]?.[0] ?? {})).toEqual(columns.map((column) => column.name));
    }
    expect(empty.result.tables.map(({ rows }) => rows)).toEqual([0, 0, 0, 0, 0]);
  });

  it('keeps the order of the records', async () => {
    const entries = Array.from({ length: 5000 }, (_, at) => entry({ fieldId: `f${at}` }));
    const { tables } = await redact(JSON.stringify({ entries }), { chunk: 65_536 });
    expect(tables['forecast_entries']?.map((row) => row['field_id'])).toEqual(
      entries.map((record) => record['fieldId']),
    );
  });

  it('takes folders whose names are patterns', async () => {
    await inFolder(async (folder) => {
      const odd = join(folder, "[a]*?'{b}");
      await mkdir(odd);
      const result = await redactor.redact(
        input(odd, one(Readable.from([Buffer.from(JSON.stringify({ entries: [entry()] }))]))),
      );
      expect(result.tables[0]?.rows).toBe(1);
    });
  });

  it('goes through its phases in order and tells the bytes read', async () => {
    await inFolder(async (folder) => {
      const seen: string[] = [];
      let bytes = 0;
      await redactor.redact(
        input(folder, {
          onProgress: ({ phase, bytesRead }) => {
            seen.push(phase);
            bytes = bytesRead;
          },
        }),
      );
      expect(seen[0]).toBe('splitting');
      expect(seen.indexOf('redacting')).toBeLessThan(seen.indexOf('checking'));
      expect(bytes).toBe('{"entries":[]}'.length);
    });
  });

  it('throws what the source throws', async () => {
    await inFolder(async (folder) => {
      const lost = new ExportError('StagingLost', 'The staged file has changed.');
      const raw = Readable.from(
        (function* () {
          yield Buffer.from('{"entries":[]}');
          throw lost;
        })(),
      );
      await expect(redactor.redact(input(folder, one(raw)))).rejects.toBe(lost);
    });
  });

  it('says when the scratch folder can not be written', async () => {
    await inFolder(async (folder) => {
      await expect(redactor.redact(input(join(folder, 'none'), {}))).rejects.toMatchObject({
        type: 'StagingUnavailable',
      });
      const produce: RedactionInput['produce'] = (name, write) => write(join(folder, 'none', name));
      await expect(redactor.redact(input(folder, { produce }))).rejects.toMatchObject({ type: 'StagingUnavailable' });
    });
  });

  it('stops when aborted: before it starts, while it waits for bytes, and while DuckDB works', async () => {
    await inFolder(async (folder) => {
      const reason = new Error('cancelled');
      const early = AbortSignal.abort(reason);
      await expect(redactor.redact(input(folder, { signal: early }))).rejects.toBe(reason);

      const waiting = new AbortController();
      const raw = new Readable({ read: () => undefined });
      raw.push('{"entries":[');
      const split = redactor.redact(input(folder, { ...one(raw), signal: waiting.signal }));
      setImmediate(() => waiting.abort(reason));
      await expect(split).rejects.toBe(reason);
      expect(raw.destroyed).toBe(true);

      const working = new AbortController();
      const record = JSON.stringify(entry({ updatedBy: 'x', forecastValue: 1.5 }));
      function* many(): Generator<Buffer> {
        yield Buffer.from(`{"entries":[${record}`);
        const part = Buffer.from(`,${record}`.repeat(1000));
        for (let at = 0; at < 300; at++) yield part;
        yield Buffer.from(']}');
      }
      let checked = false;
      const run = redactor.redact(
        input(folder, {
          ...one(Readable.from(many(), { objectMode: false })),
          signal: working.signal,
          produce: async (name, write) => {
            const done = write(join(folder, name));
            // The statement is under way by now.
            setImmediate(() => working.abort(reason));
            await done;
            checked = true;
          },
        }),
      );
      await expect(run).rejects.toBe(reason);
      expect(checked).toBe(false);
    });
  });

  it('refuses a file whose record is beyond DuckDB’s limit, as malformed', async () => {
    expect(
      await failureType(JSON.stringify({ entries: [entry({ updatedBy: 'x'.repeat(40_000_000) })] }), {
        chunk: 1 << 20,
      }),
    ).toBe('FileMalformed');
  });
});
