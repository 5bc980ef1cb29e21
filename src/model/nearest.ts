/** Edit distance (insert, delete, replace) of two short texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The candidate that was probably meant: equal but for case and punctuation, or at most two (in short names one) letters away. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, away: distance(plain(text), plain(candidate)) }))
    .sort((a, b) => a.away - b.away);
  const best = ranked[0];
  if (!best) return undefined;
  return best.away <= (best.candidate.length > 5 ? 2 : 1) ? best.candidate : undefined;
}
