import { createHash } from 'node:crypto';
import type { ColumnType } from '../../src/model/tables.js';

/** A cell as the checksum's text: `null`, or what model/checksum.ts says of its type. */
export type CanonicalCell = string | null;

/** The checksum as its definition reads, in a few lines and by other means than SQL. */
export function referenceChecksum(rows: readonly (readonly CanonicalCell[])[]): string {
  let sum = 0n;
  for (const row of rows) {
    const text = row.map((cell) => (cell === null ? ':' : `${Array.from(cell).length}:${cell}`)).join('');
    sum += BigInt(`0x${createHash('md5').update(text, 'utf8').digest('hex').slice(0, 15)}`);
  }
  return sum.toString();
}

/** A cell given as plain text (decimals as `-12.5`, instants as `1969-12-31T23:59:59.999999Z`) as the checksum's text. */
export function canonicalCell(type: ColumnType, text: string | null): CanonicalCell {
  if (text === null) return null;
  switch (type) {
    case 'decimal': {
      const [whole = '', fraction = ''] = text.replace('-', '').split('.');
      const billionths = BigInt(whole + fraction.padEnd(9, '0'));
      return (text.startsWith('-') ? -billionths : billionths).toString();
    }
    case 'boolean':
      return text === 'true' ? '1' : '0';
    case 'timestamp': {
      const [, seconds = '', fraction = ''] = /^(.*:\d\d)(?:\.(\d+))?Z$/u.exec(text) ?? [];
      return (BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))).toString();
    }
    case 'text':
    case 'int64':
    case 'date':
      return text;
  }
}
