import { Command } from 'commander';
import { main } from '../worker.js';

export function workerCommand(): Command {
  return new Command('worker')
    .description('Runs the worker, configured by CLARI_… and TEMPORAL_… variables or .env')
    .addHelpText(
      'after',
      '\nExample:\n  CLARI_API_KEY_FILE=/run/secrets/clari CLARI_REDACTION_KEY_FILE=/run/secrets/key clari-temporal worker',
    )
    .action(main);
}
