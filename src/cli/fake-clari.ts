import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { MAX_ENTRIES } from '../testing/fake-clari/data/shape.js';
import { FaultRulesError, type FaultRule } from '../testing/fake-clari/index.js';
import { serveFakeClari } from '../testing/fake-clari/serve.js';
import { BAD_FLAG } from './command-error.js';

const MAX_PORT = 65_535;
const YEAR_MS = 365 * 24 * 60 * 60_000;
const MAX_JOBS = 1_000_000_000;

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
    .option('--api-port <port>', 'port of the API (0: a free one)', upTo(MAX_PORT), 0)
    .option('--link-port <port>', 'port of the download links (0: a free one)', upTo(MAX_PORT), 0)
    .option('--token <token>', 'the API token that it accepts', tokenFrom, 'fake-token')
    .option('--entries <count>', `entries of each forecast (0 to ${MAX_ENTRIES})`, upTo(MAX_ENTRIES), 10_000)
    .option(
      '--seed <number>',
      'decides all data, and which requests faults of a probability strike',
      upTo(Number.MAX_SAFE_INTEGER),
      1,
    )
    .option('--job-duration <ms>', 'how long a job takes (0: done at the third look at it)', upTo(YEAR_MS), 0)
    .option('--concurrent-limit <count>', 'unfinished jobs of the organisation at once', upTo(MAX_JOBS), 3)
    .option('--monthly-quota <count>', 'jobs of the organisation in 30 days', upTo(MAX_JOBS), 1000)
    .option(
      '--max-rows <count>',
      'larger results are truncated',
      upTo(Number.MAX_SAFE_INTEGER),
      Number.MAX_SAFE_INTEGER,
    )
    .option('--faults <file>', 'JSON list of fault rules: what goes wrong, and when', rulesFrom)
    .option('--gzip', 'compress for clients that accept it', false)
    .addHelpText(
      'after',
      '\nExample:\n  clari-temporal fake-clari --dialect published --api-port 8080 --link-port 8081' +
        '\n\nIt listens to rules while it runs, too: docs/fake-clari.md',
    )
    .action(async (flags: FakeClariFlags, command: Command) => {
      const { token, entries, advertisedHost, jobDuration, ...options } = flags;
      const { apiPort, linkPort } = options;
      if (apiPort === linkPort && apiPort !== 0) {
        const rule = `must not be the --api-port ${apiPort} too; give another one, or 0 for a free one`;
        command.error(`error: --link-port: ${rule}`, { exitCode: BAD_FLAG });
      }
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
        if (error instanceof FaultRulesError)
          command.error(`error: --faults: ${error.message}`, { exitCode: BAD_FLAG });
        const refused = refusedBySystem(error, flags);
        if (refused === undefined) throw error;
        command.error(`error: ${refused}`, { exitCode: 1 });
      });
    });
}

/** What is in it is looked at when the server starts. */
function rulesFrom(path: string): readonly FaultRule[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly FaultRule[];
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is no JSON' : 'can not be read';
    throw badFlag(`the file ${why}; give a list such as [{"fault": {"kind": "status"}}]`);
  }
}

const upTo =
  (most: number) =>
  (text: string): number => {
    if (/^\d{1,16}$/.test(text) && Number(text) <= most) return Number(text);
    throw badFlag(`must be a whole number from 0 to ${most}; give one in digits alone, or leave it out`);
  };

function tokenFrom(text: string): string {
  if (/^[\x21-\x7e]{1,1000}$/.test(text)) return text;
  throw badFlag('must be 1 to 1000 characters of ASCII without blanks; give one that fits into a header');
}

/** Commander shows the flag in front of it. */
const badFlag = (rule: string): InvalidArgumentError =>
  Object.assign(new InvalidArgumentError(rule), { exitCode: BAD_FLAG });

/** The flag that the system does not take, with the reason and the remedy; undefined for any other error. */
function refusedBySystem(error: unknown, { host, apiPort, linkPort }: FakeClariFlags): string | undefined {
  const { code, syscall, port } = error as Partial<NodeJS.ErrnoException> & { readonly port?: number };
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') {
    const address = `${JSON.stringify(host)} is no address of this machine (${code ?? 'unknown'})`;
    return `--host: ${address}; give one that it has, such as 127.0.0.1, or 0.0.0.0 for all of them`;
  }
  const [flag, asked] = port === linkPort ? ['--link-port', linkPort] : ['--api-port', apiPort];
  const why = code === 'EACCES' ? 'may not be listened at by this user' : `is taken at ${host}`;
  return `${flag}: port ${asked} ${why}; give another one, or 0 for a free one`;
}
