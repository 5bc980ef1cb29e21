import type { Lists, Segment } from './export-file.js';
import { ExportFile } from './export-file.js';
import type { RecordList } from './record-list.js';

function literal(text: string): Segment {
  const bytes = Buffer.from(text);
  return { bytes: bytes.length, slice: (from, to) => bytes.subarray(from, to) };
}

/** One JSON object of lists. */
export function objectOfLists(lists: Lists, pretty: boolean): ExportFile {
  const segments: Segment[] = [];
  const [line, item, space] = pretty ? ['\n  ', '\n    ', ' '] : ['', '', ''];
  let before = '{';
  for (const [name, list] of lists) {
    const empty = list.count === 0;
    segments.push(literal(`${before}${line}"${name}":${space}[${empty ? '' : item}`), list);
    before = `${empty ? '' : line}],`;
  }
  segments.push(literal(`${before.slice(0, -1)}${pretty ? '\n' : ''}}`));
  return new ExportFile(segments);
}

/** A bare JSON array, never indented. */
export const bareArray = (list: RecordList): ExportFile => new ExportFile([literal('['), list, literal(']')]);

/** A line of column names, then the lines of `list`; every line ends with `lineEnd`. */
export const linesUnderHeader = (header: string, list: RecordList, lineEnd: string): ExportFile =>
  new ExportFile([literal(`${header}${lineEnd}`), list, literal(list.count === 0 ? '' : lineEnd)]);
