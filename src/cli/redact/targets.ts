import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { forecastCsvTable, forecastTables, type RedactedTableName } from '../../model/tables.js';
import { BAD_FLAG, CommandError } from '../command-error.js';
import type { ExportFormat } from '../export-file.js';

export const formats = ['parquet', 'duckdb', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];

/** Where the output goes. */
export interface Targets {
  readonly format: Format;
  /** The folder that all targets are in. */
  readonly folder: string;
  /** Each file with its tables: one file for all, or one for each. */
  readonly files: readonly TargetFile[];
}

export interface TargetFile {
  readonly path: string;
  readonly tables: readonly RedactedTableName[];
}

const wrong = (rule: string): CommandError => new CommandError(`error: --out: ${rule}`, BAD_FLAG);

/** The tables that a file becomes. */
const tablesOf: Readonly<Record<ExportFormat, readonly RedactedTableName[]>> = {
  json: forecastTables.map(({ name }) => name),
  csv: [forecastCsvTable.name],
};

/** What `--out` names: `X.duckdb`, or for the other formats `X.TABLE.parquet` and so on. @throws CommandError */
export async function targetsOf(out: string, source: ExportFormat): Promise<Targets> {
  const extension = extname(out);
  const format = formats.find((known) => `.${known}` === extension);
  if (format === undefined) {
    throw wrong(`must end in ${formats.map((known) => `.${known}`).join(', ')}, which says what is written`);
  }
  const folder = resolve(dirname(out));
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw wrong(`there is no folder ${dirname(out)}; make it, or name another`);
  const tables = tablesOf[source];
  if (format === 'duckdb') return { format, folder, files: [{ path: resolve(out), tables }] };
  const stem = basename(out, extension);
  return {
    format,
    folder,
    files: tables.map((table) => ({ path: join(folder, `${stem}.${table}${extension}`), tables: [table] })),
  };
}

/** @throws CommandError where something is there that may not be replaced */
export function refuseExisting({ files, format }: Targets, force: boolean): void {
  for (const { path } of files) {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw wrong(`${path} is a folder; name another output`);
    if (there && !force) throw wrong(`${path} is there already; name another output, or replace it by --force`);
    // DuckDB would apply it to the new database.
    if (format === 'duckdb' && existsSync(`${path}.wal`))
      throw wrong(`${path}.wal says that the database is in use, or was not closed; end that, or name another output`);
  }
}

/** @throws CommandError where a target is the file that is redacted, however it is named */
export async function refuseSource({ files }: Targets, source: string): Promise<void> {
  const own = await stat(source).catch(() => undefined);
  for (const { path } of files) {
    const there = await stat(path).catch(() => undefined);
    if (own && there && own.dev === there.dev && own.ino === there.ino)
      throw wrong(`${path} is the file that is to be redacted; name another output`);
  }
}

/**
 * Puts finished files in their places, all or none of them, without giving way to a signal in between.
 * @param aside a private folder on the same disk, for what is replaced
 * @throws CommandError, or what the system says
 */
export function moveIntoPlace(
  targets: Targets,
  made: (target: TargetFile) => string,
  { aside, force }: { readonly aside: string; readonly force: boolean },
): void {
  refuseExisting(targets, force);
  const undo: (() => void)[] = [];
  try {
    for (const [at, target] of targets.files.entries()) {
      const old = join(aside, `replaced-${at}`);
      if (existsSync(target.path)) {
        renameSync(target.path, old);
        undo.push(() => renameSync(old, target.path));
      }
      renameSync(made(target), target.path);
      undo.push(() => rmSync(target.path, { force: true }));
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
}
