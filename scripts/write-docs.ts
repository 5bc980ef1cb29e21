/** `npm run docs`: writes what the code knows into the tables of the README and of docs/, and the published JSON Schema. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { requestJsonSchema } from '../src/model/request-fields.js';
import { faultTables } from './docs/fault-tables.js';
import { withTables } from './docs/tables.js';

const schemas = new URL('../schemas/', import.meta.url);
await mkdir(schemas, { recursive: true });
const schema = await format(JSON.stringify(requestJsonSchema()), { parser: 'json', printWidth: 120 });
await writeFile(new URL('export-forecast-request.schema.json', schemas), schema);

const pages = [
  [new URL('../README.md', import.meta.url), undefined],
  [new URL('../docs/fake-clari.md', import.meta.url), faultTables],
] as const;
for (const [page, made] of pages) {
  const text = withTables(await readFile(page, 'utf8'), made);
  await writeFile(page, await format(text, { parser: 'markdown', printWidth: 120 }));
}
