import { existsSync } from 'node:fs';
import path from 'node:path';
import { ServiceError } from '@temporalio/client';
import { ConfigurationError } from '../../config/configuration-error.js';
import { readEnvFile } from '../../config/env-file.js';
import { givenVariables, misspeltVariables } from '../../config/given-variables.js';
import { variables } from '../../config/variables.js';
import { asExportError } from '../../destinations/duckdb/errors.js';
import { createDispatcher } from '../../http/dispatcher.js';
import { lookAtAddress } from '../../leak-scan/address.js';
import { lookAtDatabase } from '../../leak-scan/database.js';
import { lookAtFiles } from '../../leak-scan/files.js';
import type { Looked } from '../../leak-scan/looked.js';
import { lookAtRuns } from '../../leak-scan/runs.js';
import { Search } from '../../leak-scan/search.js';
import { BAD_FLAG, CommandError } from '../command-error.js';
import { ProgressLine } from '../progress-line.js';
import { withTemporal } from '../temporal-client.js';
import { Findings } from './findings.js';
import { readCanaries, readValues } from './values.js';

export interface ScanFlags {
  readonly values?: string;
  readonly canaries?: URL;
  readonly temporal: boolean;
  readonly query?: string;
  readonly path: readonly string[];
  readonly url: readonly URL[];
  readonly duckdb: readonly string[];
  readonly expected: readonly string[];
  readonly show: boolean;
  readonly quiet: boolean;
}

/** Looks for the values in all that the flags name. @throws CommandError, ConfigurationError, ExportError */
export async function scan(flags: ScanFlags): Promise<Findings> {
  const lines = await valuesOf(flags);
  const search = new Search([...lines.keys()]);
  const findings = new Findings(search, lines, flags);
  const { temporal, paths, named } = placesOf(flags);
  checkExpected(flags);
  const line = new ProgressLine(flags);
  try {
    if (temporal) {
      line.say('searching Temporal');
      await withTemporal((client) =>
        findings.take('Temporal', lookAtRuns(client, search, flags.query), { named }),
      ).catch(refused);
    }
    const databases = new Set(flags.duckdb.map((file) => path.resolve(file)));
    const except = (file: string): boolean => databases.has(path.resolve(file));
    for (const place of paths) {
      line.say(`searching ${place}`);
      await findings.take(place, lookAtFiles(search, place, { except }), { named });
    }
    if (flags.url.length > 0) {
      line.say('searching addresses');
      await findings.take('addresses', addresses(search, flags.url), { named });
    }
    for (const file of flags.duckdb) {
      line.say(`searching ${file}`);
      const isExpected = (place: string): boolean => flags.expected.some((name) => isOf(place, name));
      await findings.take(file, lookAtDatabase(search, file), { named, isExpected }).catch((error: unknown) => {
        const { message } = asExportError(error, 'searching', file);
        throw new CommandError(`error: --duckdb: ${message}`, BAD_FLAG);
      });
    }
    return findings;
  } finally {
    line.end();
  }
}

function valuesOf({ values, canaries }: ScanFlags): Promise<ReadonlyMap<string, number>> {
  if (values !== undefined && canaries === undefined) return readValues(values);
  if (canaries !== undefined && values === undefined) return readCanaries(canaries);
  throw new CommandError('error: what to look for is named by one of --values and --canaries; give one', BAD_FLAG);
}

/** With no place named: Temporal, and the staging folder of the configuration. */
function placesOf(flags: ScanFlags): {
  readonly temporal: boolean;
  readonly paths: readonly string[];
  readonly named: boolean;
} {
  for (const place of [...flags.path, ...flags.duckdb]) {
    if (!existsSync(place)) throw new CommandError(`error: there is no ${place}; name what is there`, BAD_FLAG);
  }
  const temporal = flags.temporal || flags.query !== undefined;
  if (temporal || flags.path.length + flags.url.length + flags.duckdb.length > 0)
    return { temporal, paths: flags.path, named: true };
  readEnvFile();
  const given = givenVariables(process.env);
  const misspelt = misspeltVariables(given);
  if (misspelt.length > 0) throw new ConfigurationError(misspelt);
  const staging = given.CLARI_STAGING_DIR ?? variables.CLARI_STAGING_DIR.default;
  return { temporal: true, paths: existsSync(staging) ? [staging] : [], named: false };
}

const isOf = (place: string, name: string): boolean => place === name || place.startsWith(`${name}.`);

function checkExpected({ expected, duckdb }: ScanFlags): void {
  if (expected.length > 0 && duckdb.length === 0)
    throw new CommandError('error: --expected: names columns of a database; name it with --duckdb', BAD_FLAG);
}

async function* addresses(search: Search, urls: readonly URL[]): AsyncGenerator<Looked> {
  const dispatcher = createDispatcher();
  try {
    for (const url of urls) yield await lookAtAddress(search, url, dispatcher);
  } finally {
    await dispatcher.close();
  }
}

function refused(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  throw new CommandError(
    'error: Temporal does not answer what it is asked: check --query, TEMPORAL_NAMESPACE, and the rights of the API key',
    BAD_FLAG,
  );
}
