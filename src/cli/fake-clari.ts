import { Command, InvalidArgumentError, Option } from 'commander';
import { serveFakeClari } from '../testing/fake-clari/serve.js';

interface FakeClariFlags {
  readonly dialect: 'brief' | 'published';
  readonly host: string;
  readonly advertisedHost?: string;
  readonly apiPort: number;
  readonly linkPort: number;
  readonly token: string;
  readonly entries: number;
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
    .addHelpText(
      'after',
      '\nExample:\n  clari-temporal fake-clari --dialect published --api-port 8080 --link-port 8081',
    )
    .action(async (flags: FakeClariFlags) => {
      const { token, entries, advertisedHost, ...options } = flags;
      await serveFakeClari({
        ...options,
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
      });
    });
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}
