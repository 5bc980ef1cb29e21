/** `npm run docs`: writes what the code knows into the README's tables and the published JSON Schema. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { requestJsonSchema } from '../src/model/request-fields.js';
import { withTables } from './docs/tables.js';

const schemas = new URL('../schemas/', import.meta.url);
await mkdir(schemas, { recursive: true });
const schema = await format(JSON.stringify(requestJsonSchema()), { parser: 'json', printWidth: 120 });
await writeFile(new URL('export-forecast-request.schema.json', schemas), schema);

const readme = new URL('../README.md', import.meta.url);
const text = withTables(await readFile(readme, 'utf8'));
await writeFile(readme, await format(text, { parser: 'markdown', printWidth: 120 }));
