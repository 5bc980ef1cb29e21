import { Command } from 'commander';
import { answered, strict } from './answered.js';
import { exportFile } from './export-file.js';
import { interruptible } from './interruption.js';
import { chosenPolicy, keyOf, redactionOf, withPolicyFlags, type PolicyFlags } from './policy-flags.js';
import { ProgressLine } from './progress-line.js';
import { redactFile, type RedactFileInput } from './redact/redact-file.js';
import { reportOf, shownReport } from './redact/report.js';
import { refuseExisting, refuseSource, targetsOf } from './redact/targets.js';

interface RedactFlags extends PolicyFlags {
  readonly out: string;
  readonly key?: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export function redactCommand(): Command {
  return strict(
    withPolicyFlags(
      new Command('redact')
        .description('Redacts a forecast export that is on disk, by the same steps and checks as an export run')
        .argument('<file>', 'the export in JSON or CSV, plain or zipped by gzip')
        .requiredOption('--out <path>', 'X.duckdb, X.parquet, X.json, X.ndjson or X.csv (below)'),
    )
      .option(
        '--key <reference>',
        'key of pseudonyms: env:NAME, file:PATH, exec:COMMAND or aws-secretsmanager:ID (default: CLARI_REDACTION_KEY, as the worker)',
      )
      .option('--force', 'replace an output that is there', false)
      .option('--json', 'say what was done as JSON', false)
      .option('--quiet', 'say nothing while at work', false)
      .addHelpText(
        'after',
        '\nX.duckdb is one database with five tables; of the other formats there is a file for each table, such as' +
          '\nX.forecast_entries.parquet. X.json holds a list, X.ndjson a record a line. An export in CSV becomes the one' +
          '\ntable forecast_csv_values. All is made in a private folder beside the output and moved into place at the end;' +
          '\nafter a failure there is none.' +
          '\n\nExample:\n  clari-temporal redact export.json --policy keyed --key file:redaction.key --out export.duckdb',
      ),
  ).action((file: string, flags: RedactFlags) =>
    answered(() => interruptible((signal) => redact(file, flags, signal))),
  );
}

/**
 * What the command says at the end.
 * @throws CommandError and whatever `faultOf` puts into words
 */
export async function redact(path: string, flags: RedactFlags, signal: AbortSignal): Promise<string> {
  const file = await exportFile(path, signal);
  const targets = await targetsOf(flags.out, file.format);
  await refuseSource(targets, path);
  refuseExisting(targets, flags.force);
  const settings = redactionOf(flags);
  const { policy, remarks } = await chosenPolicy(settings);
  const key = keyOf(flags.key, settings);
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  const line = new ProgressLine(flags);
  const say: RedactFileInput['onProgress'] = ({ phase, table }) => {
    if (phase === 'splitting') line.say(`splitting ${file.percent()} %`, `splitting ${quarter(file.percent())} %`);
    else line.say(table === undefined ? phase : `${phase} ${table}`, table);
  };
  try {
    const result = await redactFile({ file, policy, key, targets, force: flags.force, signal, onProgress: say });
    const cut = result.shape === 'csv' && result.endsOpen ? [OPEN_END] : [];
    for (const remark of cut) process.stderr.write(`${remark}\n`);
    const report = reportOf(result, targets, { environment: settings.environment, remarks: [...remarks, ...cut] });
    return flags.json ? JSON.stringify(report, undefined, 2) : shownReport(report);
  } finally {
    line.end();
  }
}

const OPEN_END =
  'The last row of the CSV has no line end: it is whole where its last cell is, which the file does not say; compare it with Clari.';

/** The fourth part that has been reached. */
const quarter = (percent: number): number => percent - (percent % 25);
