/** `npm run docs`: writes what the code knows into the tables of the README and of docs/, and the published JSON Schemas. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { requestJsonSchema } from '../src/model/request-fields.js';
import { policyJsonSchema } from '../src/redaction/policy-file-schema.js';
import { faultTables } from './docs/fault-tables.js';
import { poisonTables } from './docs/poison-table.js';
import { policyTables } from './docs/policy-tables.js';
import { tablePages } from './docs/table-pages.js';
import { withTables } from './docs/tables.js';

const schemas = new URL('../schemas/', import.meta.url);
await mkdir(schemas, { recursive: true });
for (const [name, schema] of [
  ['export-forecast-request', requestJsonSchema()],
  ['redaction-policy', policyJsonSchema()],
] as const) {
  const text = await format(JSON.stringify(schema), { parser: 'json', printWidth: 120 });
  await writeFile(new URL(`${name}.schema.json`, schemas), text);
}

const pages = [
  [new URL('../README.md', import.meta.url), undefined],
  [new URL('../docs/fake-clari.md', import.meta.url), faultTables],
  [new URL('../docs/odd-values.md', import.meta.url), poisonTables],
  [new URL('../docs/policies.md', import.meta.url), policyTables],
  [new URL('../docs/tables.md', import.meta.url), tablePages],
] as const;
for (const [page, made] of pages) {
  const text = withTables(await readFile(page, 'utf8'), made);
  await writeFile(page, await format(text, { parser: 'markdown', printWidth: 120 }));
}
