import { Command } from 'commander';
import { queryDatabase } from './query.js';

export function sqlCommand(): Command {
  return new Command('sql')
    .description('Prints what a query finds in a DuckDB file; opens it for reading alone')
    .argument('<file>', 'the DuckDB file')
    .argument('<query>', 'one SQL query')
    .addHelpText('after', '\nExample:\n  clari-temporal sql warehouse.duckdb "SELECT * FROM latest_exports"')
    .action(async (file: string, query: string) => {
      try {
        process.stdout.write(`${await queryDatabase(file, query)}\n`);
      } catch (error) {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
      }
    });
}
