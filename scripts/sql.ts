/** `npm run sql -- FILE "QUERY"`: prints what a query finds in a DuckDB file. */
import { queryDatabase } from '../src/cli/query.js';

const [file, query] = process.argv.slice(2);
if (file === undefined || query === undefined) {
  process.stderr.write('usage: npm run sql -- FILE "QUERY"\n');
  process.exit(2);
}
try {
  process.stdout.write(`${await queryDatabase(file, query)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
