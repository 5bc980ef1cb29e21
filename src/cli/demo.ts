import { Command } from 'commander';
import { runDemo } from './demo/run.js';

export function demoCommand(): Command {
  return new Command('demo')
    .description('Exports two forecasts from a fake Clari through a real Temporal server into a DuckDB file')
    .option('--keep', 'leave everything running until Ctrl-C, to look at the Web UI', false)
    .option('--folder <path>', 'where the database and logs go; made anew', 'demo-output')
    .addHelpText('after', '\nExample:\n  npm run demo -- --keep')
    .action(async ({ keep, folder }: { keep: boolean; folder: string }) => {
      process.exitCode = await runDemo({ keep, folder });
    });
}
