import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { poisonTables } from '../../scripts/docs/poison-table.js';
import { policyTables } from '../../scripts/docs/policy-tables.js';
import { tablePages } from '../../scripts/docs/table-pages.js';
import { withTables } from '../../scripts/docs/tables.js';
import { checkout } from '../support/child.js';

const pages = ['README.md', ...(await readdir(path.join(checkout, 'docs'))).map((name) => `docs/${name}`)];
const texts = new Map<string, string>();
for (const page of pages) texts.set(page, await readFile(path.join(checkout, page), 'utf8'));

const copies = [...texts].flatMap(([page, text]) =>
  [...text.matchAll(/<!-- file: (\S+) -->\n\n```\w+\n([^]*?)```/g)].map(
    ([, file = '', code = '']) => [page, file, code] as const,
  ),
);

test.each(copies)('%s shows %s as it is and as a test runs it', async (_, file, code) => {
  expect(code).toBe(await readFile(path.join(checkout, file), 'utf8'));
});

test.each(pages)('every link of %s leads to a file that is there', async (page) => {
  const links = [...(texts.get(page) ?? '').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
  for (const target of links) {
    const file = path.join(checkout, path.dirname(page), target);
    await expect(
      readdir(file).catch(() => readFile(file)),
      target,
    ).resolves.toBeDefined();
  }
});

test.each([
  ['docs/policies.md', policyTables],
  ['docs/odd-values.md', poisonTables],
  ['docs/tables.md', tablePages],
])('%s has tables as the code has them (npm run docs)', async (page, tables) => {
  const text = texts.get(page) ?? '';
  expect(await format(withTables(text, tables), { parser: 'markdown', printWidth: 120 })).toBe(text);
});

test('documentation shows code of the consumer project', () => {
  expect(copies.length).toBeGreaterThanOrEqual(3);
});
