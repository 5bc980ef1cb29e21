import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/child.js';
import { bytesOf, CANARY, landingRows, stoppingRows } from '../support/poison-rows.js';
import { entry, failure, redact } from './support.js';

const page = await readFile(path.join(checkout, 'docs/odd-values.md'), 'utf8');
/** The rows of the documentation's table, below its heading. */
const documented = [...page.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)]
  .map(([, name = '', becomes = '']) => [name, becomes] as const)
  .slice(2);

const good = JSON.stringify(entry({ isUpdated: true }));
const fileWith = (poison: (open: string) => string): Buffer =>
  bytesOf(`{"entries":[${good},${good},${poison(good.slice(0, -1))},${good}],"users":[{"userId":"1:R"}]}`);

describe('as docs/odd-values.md says, an entry with', () => {
  it.each(documented)('%s: %s', async (name, becomes) => {
    const stopping = stoppingRows.find((row) => row.name === name);
    if (stopping !== undefined) {
      const { type, message, stack } = await failure(fileWith(stopping.entry));
      expect(becomes).toContain(`Stops the run: \`${type}\``);
      expect(message).toMatch(stopping.says);
      expect(message).toContain('record 3');
      expect(message).toContain(type === 'FileMalformed' ? 'list entries' : 'forecast_entries.');
      expect(`${message}\n${stack ?? ''}`).not.toContain(CANARY);
      return;
    }
    const landing = landingRows.find((row) => row.name === name);
    if (landing === undefined) throw new Error(`No test has an entry with ${name}.`);
    expect(becomes).toMatch(/^Lands\./);
    const query = `SELECT ${landing.shows} FROM forecast_entries LIMIT 1 OFFSET 2`;
    const { result, answer } = await redact(fileWith(landing.entry), { query, chunk: 1 << 20 });
    expect(result.tables[0]).toMatchObject({ table: 'forecast_entries', read: 4, rejected: 0, rows: 4 });
    expect(answer).toBe(landing.as);
  });

  it('each row of the tests', () => {
    expect(documented.map(([name]) => name)).toEqual([...stoppingRows, ...landingRows].map(({ name }) => name));
  });
});
