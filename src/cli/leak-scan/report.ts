import { formatTable } from '../format-table.js';
import type { Finding, Findings } from './findings.js';

export function scanAsJson({ kept, found, unexpected, faults, sources }: Findings): string {
  return JSON.stringify({ found, unexpected, findings: kept, notSearched: faults, searched: sources }, undefined, 2);
}

export function shownScan({ kept, found, unexpected, faults, faulty, sources }: Findings): string {
  const searched = sources.map(
    ({ name, places, bytes }) => `${name} (${places} ${places === 1 ? 'place' : 'places'}, ${bytes} bytes)`,
  );
  return [
    ...(kept.length === 0
      ? []
      : [formatTable(['place', 'values', 'cells', ''], kept.map(asRow)), ...more(found - kept.length, 'place'), '']),
    ...faults.map((fault) => `Not searched: ${fault}`),
    ...more(faulty - faults.length, 'place not searched'),
    `Searched: ${searched.join(', ')}.`,
    unexpected > 0
      ? `Found in ${unexpected} of them where nothing of it is expected. A value is named by its line; --show names it.`
      : `Nothing was found${found > 0 ? ' where it is not expected' : ''}${faulty > 0 ? ' in what was searched' : ''}.`,
  ].join('\n');
}

function asRow({ place, lines, values, cells, expected }: Finding): readonly string[] {
  const shown = values ?? lines.map((line) => `line ${line}`);
  const few = shown.slice(0, 10).join(', ');
  return [
    place,
    shown.length > 10 ? `${few} and ${shown.length - 10} more` : few,
    cells === undefined ? '' : String(cells),
    expected ? 'expected' : '',
  ];
}

const more = (count: number, what: string): string[] => (count > 0 ? [`and ${count} more: ${what}`] : []);
