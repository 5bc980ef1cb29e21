import { Command, InvalidArgumentError } from 'commander';
import { answered, strict } from './answered.js';
import { BAD_FLAG } from './command-error.js';
import { scanAsJson, shownScan } from './leak-scan/report.js';
import { scan, type ScanFlags } from './leak-scan/scan.js';

const FOUND = 1;

const gathered = (one: string, others: readonly string[]): readonly string[] => [...others, one];

function urlFrom(text: string): URL {
  if (!/^https?:/.test(text) || !URL.canParse(text)) throw new InvalidArgumentError('It must be an http or https URL.');
  return new URL(text);
}

const gatheredUrl = (text: string, others: readonly URL[]): readonly URL[] => [...others, urlFrom(text)];

export function leakScanCommand(): Command {
  return strict(new Command('leak-scan'))
    .description('Looks for values, such as names, in all that is outside the destination: says where, by their lines')
    .option('--values <file>', 'what to look for, one value a line, each of at least 6 bytes')
    .option(
      '--canaries <url>',
      'instead: all that a fake Clari has given away, by its place in that list; the controlUrl that it prints',
      urlFrom,
    )
    .option('--temporal', 'the runs of the namespace that TEMPORAL_... variables name, open and closed', false)
    .option('--query <query>', 'of those, the ones that this list filter of Temporal’s names')
    .option('--path <path>', 'a file, or all below a folder: logs, staging; may be repeated', gathered, [])
    .option('--url <url>', 'what an address answers: a metrics endpoint; may be repeated', gatheredUrl, [])
    .option('--duckdb <file>', 'a DuckDB database, column by column; may be repeated', gathered, [])
    .option(
      '--expected <table[.column]>',
      'where values may be in it: they do not count; may be repeated',
      gathered,
      [],
    )
    .option('--show', 'show the values themselves', false)
    .option('--json', 'everything, as JSON', false)
    .option('--quiet', 'say nothing while at work', false)
    .addHelpText(
      'after',
      '\nWith no place named: Temporal, and the folder of CLARI_STAGING_DIR. Of a run, the list, each event, and what is' +
        '\npending are searched, payloads decoded. A value is found in UTF-8 whatever its case and accents’ form: as it is, in JSON, URLs' +
        '\nand HTML; and in base64 as it is given. Not in what is encrypted, or compressed otherwise than by gzip. Of links,' +
        '\nthose are followed that --path names, not those below.' +
        '\nEnds with 0 if nothing was found, 1 if something was, 2 for bad flags or a place that could not be searched.' +
        '\n\nExample:\n  clari-temporal leak-scan --values people.txt --temporal --path worker.log --duckdb warehouse.duckdb --expected forecast_users',
    )
    .action((flags: ScanFlags & { json: boolean }) =>
      answered(async () => {
        const findings = await scan(flags);
        process.exitCode = findings.unexpected > 0 ? FOUND : findings.faulty > 0 ? BAD_FLAG : 0;
        return flags.json ? scanAsJson(findings) : shownScan(findings);
      }),
    );
}
