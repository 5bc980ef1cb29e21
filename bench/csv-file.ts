import { closeSync, openSync, writeSync } from 'node:fs';

export const CSV_COLUMNS: readonly string[] = [
  ...['User', 'Email', 'CRM User ID', 'Role', 'Parent Role', 'Timeframe'],
  ...['Field', 'Week', 'Start Day', 'End Day', 'Data Type', 'Data Value'],
];

const TYPES = ['Forecast Value', 'Forecast Updated', 'Quota Value', 'CRM Closed'] as const;

function lineText(at: number, users: number): string {
  const user = Math.floor(at / TYPES.length) % users;
  const type = TYPES[at % TYPES.length] ?? '';
  const thousands = String((at * 37) % 1000).padStart(3, '0');
  const value = type === 'Forecast Updated' ? (at % 3 === 0 ? 'Yes' : 'No') : `"$${at % 997},${thousands}.25"`;
  return (
    `"Pérson, ""Q"" ${user} 😀",Person.${user}@Example.com,005${String(user).padStart(15, '0')},AE ${user % 50},VP EMEA,FY27 Q2,` +
    `Commit ${at % 40},${at % 14},10/07/2026,10/13/2026,${type},${at % 101 === 0 ? '' : value}\r\n`
  );
}

/** Writes a forecast's CSV, of about `bytes`; the same bytes every time. */
export function makeCsvFile(path: string, bytes: number): void {
  const users = Math.max(50, Math.round(bytes / 6000));
  const fd = openSync(path, 'w');
  let written = writeSync(fd, `${CSV_COLUMNS.join(',')}\r\n`);
  for (let at = 0; written < bytes;) {
    const block: string[] = [];
    for (const end = at + 2000; at < end; at++) block.push(lineText(at, users));
    written += writeSync(fd, block.join(''));
  }
  closeSync(fd);
}
