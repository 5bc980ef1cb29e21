import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FaultRulesError, type FaultRule } from '../testing/fake-clari/index.js';
import { serveFakeClari } from '../testing/fake-clari/serve.js';

interface FakeClariFlags {
  readonly dialect: 'brief' | 'published';
  readonly host: string;
  readonly advertisedHost?: string;
  readonly apiPort: number;
  readonly linkPort: number;
  readonly token: string;
  readonly entries: number;
  readonly seed: number;
  readonly jobDuration: number;
  readonly concurrentLimit: number;
  readonly monthlyQuota: number;
  readonly maxRows: number;
  readonly faults?: readonly FaultRule[];
  readonly gzip: boolean;
}

export function fakeClariCommand(): Command {
  return new Command('fake-clari')
    .description('Runs a fake Clari with made-up people and money, for trying things out')
    .addOption(
      new Option('--dialect <dialect>', 'which of the two forms of Clari’s API')
        .choices(['brief', 'published'])
        .default('brief'),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--advertised-host <name>', 'host name in the links that it gives out (default: the address)')
    .option('--api-port <port>', 'port of the API (0: a free one)', wholeNumber, 0)
    .option('--link-port <port>', 'port of the download links (0: a free one)', wholeNumber, 0)
    .option('--token <token>', 'the API token that it accepts', 'fake-token')
    .option('--entries <count>', 'entries of each forecast (10 to 10000000)', wholeNumber, 10_000)
    .option('--seed <number>', 'decides all data, and which requests faults of a probability strike', wholeNumber, 1)
    .option('--job-duration <ms>', 'how long a job takes (0: done at the third look at it)', wholeNumber, 0)
    .option('--concurrent-limit <count>', 'unfinished jobs of the organisation at once', wholeNumber, 3)
    .option('--monthly-quota <count>', 'jobs of the organisation in 30 days', wholeNumber, 1000)
    .option('--max-rows <count>', 'larger results are truncated', wholeNumber, Number.MAX_SAFE_INTEGER)
    .option('--faults <file>', 'JSON list of fault rules: what goes wrong, and when', rulesFrom)
    .option('--gzip', 'compress for clients that accept it', false)
    .addHelpText(
      'after',
      '\nExample:\n  clari-temporal fake-clari --dialect published --api-port 8080 --link-port 8081' +
        '\n\nIt listens to rules while it runs, too: docs/fake-clari.md',
    )
    .action(async (flags: FakeClariFlags, command: Command) => {
      const { token, entries, advertisedHost, jobDuration, ...options } = flags;
      await serveFakeClari({
        ...options,
        jobDurationMs: jobDuration,
        ...(advertisedHost === undefined ? {} : { advertisedHost }),
        tokens: [{ token, userId: 40_112 }],
        forecasts: [
          { forecastId: 'net_arr', forecastName: 'Net ARR', entries, shape: 'five-lists' },
          {
            forecastId: 'renewals',
            forecastName: 'Renewals',
            entries,
            shape: options.dialect === 'brief' ? 'flat' : 'five-lists',
          },
        ],
      }).catch((error: unknown) => {
        if (!(error instanceof FaultRulesError)) throw error;
        command.error(`error: --faults: ${error.message}`, { exitCode: 2 });
      });
    });
}

/** What is in it is looked at when the server starts. */
function rulesFrom(path: string): readonly FaultRule[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly FaultRule[];
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is no JSON' : 'can not be read';
    throw new InvalidArgumentError(`the file ${why}; give a list such as [{"fault": {"kind": "status"}}]`);
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}
