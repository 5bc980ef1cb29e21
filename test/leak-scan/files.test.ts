import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookAtFiles } from '../../src/leak-scan/files.js';
import { Search } from '../../src/leak-scan/search.js';

const NAME = 'Wilhelmina Quux';
const search = new Search([NAME, 'nobody at all']);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'files-'));
  await mkdir(path.join(folder, 'logs', NAME), { recursive: true });
  const files: Readonly<Record<string, string | Buffer>> = {
    'a.log': `hello ${NAME}`,
    'b.log': 'hello nobody',
    'logs/old.log.gz': gzipSync(`hello ${NAME}`),
    'logs/cut.gz': gzipSync('hello '.repeat(10_000)).subarray(0, 40),
    [`logs/${NAME}/c.log`]: '',
    'w.duckdb': 'hello',
    // The value lies across two reads.
    'large.log': Buffer.concat([Buffer.alloc(256 * 1024 - 5, 'x'), Buffer.from(NAME), Buffer.alloc(300_000, 'x')]),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  await symlink(folder, path.join(folder, 'round'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('files are looked at by name and content, zipped ones too, and what can not be is said', async () => {
  const found = new Map<string, unknown>();
  for await (const { place, values, fault } of lookAtFiles(search, folder))
    found.set(path.relative(folder, place), fault ?? values);
  expect(Object.fromEntries(found)).toEqual({
    'a.log': [NAME],
    'b.log': [],
    'large.log': [NAME],
    'logs/old.log.gz': [NAME],
    'logs/cut.gz': 'it is zipped, and damaged',
    [`logs/${NAME}/c.log`]: [],
    [`logs/${NAME}/c.log (its name)`]: [NAME],
    'w.duckdb': expect.stringContaining('compresses texts') as unknown,
  });
});

test('a file by itself, and what is left out', async () => {
  const places: string[] = [];
  for await (const { place } of lookAtFiles(search, path.join(folder, 'a.log'))) places.push(path.basename(place));
  for await (const { place } of lookAtFiles(search, folder, { except: (file) => !file.endsWith('b.log') }))
    places.push(path.basename(place));
  expect(places).toEqual(['a.log', 'b.log']);
});

test('a link that is the place itself is followed', async () => {
  const places: string[] = [];
  for await (const { place } of lookAtFiles(search, path.join(folder, 'round'))) places.push(place);
  expect(places).toContain(path.join(folder, 'round', 'a.log'));
});
