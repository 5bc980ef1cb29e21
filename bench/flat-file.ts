import { closeSync, openSync, writeSync } from 'node:fs';

function entryText(at: number, owners: number): string {
  const owner = at % owners;
  return (
    `{"timePeriod":"2027_Q2","ownerName":"Pérson ${owner} 😀","ownerEmail":"Person.${owner}@Example.com",` +
    `"forecastAmount":${at % 101 === 0 ? 'null' : ((at * 37.13) % 1e6).toFixed(2)},"quotaAmount":${(at % 9000) * 100},` +
    `"adjustmentAmount":${(at % 700) / 4},"currency":"USD","isUpdated":${at % 3 === 0},"updatedOn":${1_791_970_000_000 + at}}`
  );
}

/** Writes a file of flat entries, of about `bytes`; the same bytes every time. */
export function makeFlatFile(path: string, bytes: number): void {
  const owners = Math.max(50, Math.round(bytes / 6000));
  const fd = openSync(path, 'w');
  let written = writeSync(fd, '{"entries":[');
  for (let at = 0; written < bytes;) {
    const block: string[] = [];
    for (const end = at + 2000; at < end; at++) block.push(`${at === 0 ? '' : ','}${entryText(at, owners)}`);
    written += writeSync(fd, block.join(''));
  }
  writeSync(fd, ']}');
  closeSync(fd);
}
