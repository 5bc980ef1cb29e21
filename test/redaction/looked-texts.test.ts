import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyRows } from '../../src/redaction/copy-table.js';
import { DuckDbSession } from '../../src/redaction/duckdb-session.js';
import { lookedTexts } from '../../src/redaction/looked-texts.js';

describe('the texts that are looked at', () => {
  let session: DuckDbSession;
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'looked-'));
    path = join(folder, 'rows.parquet');
    session = await DuckDbSession.open({ memoryLimitMb: 256, threads: 2 }, new AbortController().signal);
    const columns = [
      `CASE WHEN i % 7 > 0 THEN 'id ' || i % 5 END AS ids`,
      `repeat(i || '-', 200) AS notes`,
      'CAST(NULL AS VARCHAR) AS nothing',
    ];
    await copyRows(session, 'making rows', `SELECT ${columns.join(', ')} FROM range(40000) AS t(i)`, path);
  });
  afterEach(async () => {
    session.close();
    await rm(folder, { recursive: true });
  });

  it('are in memory once each where they are few, and else read row by row', async () => {
    const { relation, few } = await lookedTexts(session, 'looking', path, ['ids', 'notes', 'nothing']);
    const counted = await session.rows(
      'counting',
      `SELECT place, count(*)::INT AS texts, count(DISTINCT text)::INT AS others FROM ${relation} GROUP BY place ORDER BY place`,
    );
    expect(counted).toEqual([
      { place: 0, texts: 5, others: 5 },
      { place: 1, texts: 40_000, others: 40_000 },
    ]);
    expect(await session.rows('counting', 'SELECT DISTINCT place FROM looked_texts')).toEqual([{ place: 0 }]);
    expect([...few.keys()].sort()).toEqual([0, 2]);
    expect(few.get(0)).toEqual({ texts: 5, bytes: 5 * (4 + 32) });
  });

  it('are those of the last call', async () => {
    await lookedTexts(session, 'looking', path, ['ids']);
    const { relation } = await lookedTexts(session, 'looking', path, ['nothing']);
    expect(await session.rows('counting', `SELECT * FROM ${relation}`)).toEqual([]);
  });
});
