import type { FileEvidence } from './clari-evidence.js';

/**
 * Rows that a table of a split export must have, by its parts' files: what stands once in each of them is one row. Where a file has
 * several of a key, entries stand beside each other; of other tables the newest file's are there. The fake's data never changes, so
 * that no two files say different things.
 */
export function splitRows(table: string, parts: readonly FileEvidence[]): number {
  const counts = new Map<string, number[]>();
  let rows = 0;
  for (const [part, { keys }] of parts.entries())
    for (const key of keys(table)) {
      if (key === null) {
        rows += 1;
        continue;
      }
      const ofKey = counts.get(key) ?? parts.map(() => 0);
      counts.set(key, ofKey);
      ofKey[part] = (ofKey[part] ?? 0) + 1;
    }
  for (const ofKey of counts.values()) {
    if (table !== 'forecast_entries') rows += ofKey.findLast((count) => count > 0) ?? 0;
    else rows += Math.max(...ofKey) > 1 ? ofKey.reduce((sum, count) => sum + count, 0) : 1;
  }
  return rows;
}
