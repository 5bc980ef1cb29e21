import { ExportError } from '../../model/export-error.js';
import { hasByteOrderMark, LF, QUOTE } from '../split/json-bytes.js';
import { DATA_TYPE, DATA_VALUE } from '../source-fields.js';

/** A longer header is refused; in bytes. */
export const LONGEST_HEADER = 64 * 1024;
/** More columns are refused; a forecast's CSV has 12. */
const MAX_COLUMNS = 256;

/** Without them nobody can tell what a row says. */
const required = ['Field', DATA_TYPE, DATA_VALUE];

export interface CsvHeader {
  /** The names of the columns, as they stand. */
  readonly columns: readonly string[];
  /** Bytes of the file before its rows. */
  readonly bytes: number;
}

const malformed = (what: string): ExportError => new ExportError('FileMalformed', `The file's header ${what}.`);

/**
 * Reads the header from the start of a file; undefined where more of the file is needed.
 * @param whole whether `start` is all of the file
 * @throws ExportError `FileMalformed`, naming what is missing or there twice; of other columns their numbers alone, which may be data
 */
export function readHeader(start: Buffer, whole: boolean): CsvHeader | undefined {
  const from = hasByteOrderMark(start) ? 3 : 0;
  const end = lineEnd(start, from);
  if ((end ?? start.length) - from > LONGEST_HEADER) throw malformed(`is longer than ${LONGEST_HEADER / 1024} KiB`);
  if (end === undefined && !whole) return undefined;
  const columns = cellsOf(start.subarray(from, end));
  if (columns.length > MAX_COLUMNS) throw malformed(`has more than ${MAX_COLUMNS} columns`);
  const missing = required.filter((name) => !columns.includes(name));
  if (missing.length > 0) throw malformed(`has no column ${missing.join(', ')}, or no commas between its columns`);
  const again = columns.findIndex((name, at) => columns.indexOf(name) < at);
  if (again !== -1) throw malformed(`has the name of its column ${again + 1} twice`);
  return { columns, bytes: end === undefined ? start.length : end + 1 };
}

/** Where the first line break outside quotes stands. */
function lineEnd(bytes: Uint8Array, from: number): number | undefined {
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) quoted = !quoted;
    else if (bytes[at] === LF && !quoted) return at;
  }
  return undefined;
}

function cellsOf(bytes: Uint8Array): string[] {
  let line: string;
  try {
    line = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '');
  } catch {
    throw malformed('is not valid UTF-8');
  }
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y;
  for (let more = true; more;) {
    const [, quoted, plain = '', comma] = cell.exec(line) ?? [];
    if (comma === undefined) throw malformed(`has a quote out of place in its column ${cells.length + 1}`);
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    more = comma === ',';
  }
  return cells;
}
