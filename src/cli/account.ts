import { Command } from 'commander';
import { failures } from '../model/failures.js';
import { withLedger } from './account/ledger.js';
import { shownLedger } from './account/show.js';
import { answered } from './answered.js';
import { CommandError } from './command-error.js';

interface Where {
  readonly account: string;
  readonly taskQueue?: string;
}

const ofAccount = (command: Command): Command =>
  command
    .option('--account <name>', 'name of the account', 'default')
    .option('--task-queue <name>', 'base name of the task queues (default: CLARI_TASK_QUEUE, else clari)');

/** What an operator can see and do of the always-open workflow of an account. */
export function accountCommand(): Command {
  const show = ofAccount(new Command('show'))
    .description('Shows who may create a job at Clari now, and which export has which job')
    .option('--json', 'everything, as JSON', false)
    .addHelpText('after', '\nExample:\n  clari-temporal account show')
    .action(({ json, ...where }: Where & { json: boolean }) =>
      answered(async () => {
        const state = await withLedger(placeOf(where), (ledger) => ledger.state());
        return json ? JSON.stringify(state, undefined, 2) : shownLedger(state);
      }),
    );
  const release = ofAccount(new Command('release'))
    .description('Takes the creation lease away from an export whose run is gone, so that the next one may create')
    .argument('<export>', 'the export, as `account show` names it')
    .option('--no-job', 'you have looked: Clari has made no job for it, so the next equal export may ask for one')
    .addHelpText('after', '\nExample:\n  clari-temporal account release 5f0c2a91e47b3d68-20270503T060000Z-1')
    .action((exportId: string, { job, ...where }: Where & { job: boolean }) =>
      answered(async () => {
        const released = await withLedger(placeOf(where), (ledger) =>
          ledger.release({ exportId, attempt: null, noJob: !job }),
        );
        if (released) return `Released ${exportId}.`;
        throw new CommandError(
          `Nothing to release: ${exportId} holds no lease and waits for no answer (clari-temporal account show).`,
          failures.InvalidInput.exitCode,
        );
      }),
    );
  return new Command('account')
    .description('The ledger of an account at Clari: which export has which job')
    .addHelpText('after', '\nExample:\n  clari-temporal account show --account default')
    .addCommand(show)
    .addCommand(release);
}

const placeOf = ({ account, taskQueue }: Where) => ({ account, taskQueue });
