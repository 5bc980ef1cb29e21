import type { Change, Finding } from './receipt.js';
import { findSecrets } from './secret-guard.js';

/** Names of the update, and of the signal, by which somebody says what becomes of a held export. */
export const holdMessages = { accept: 'acceptExport', reject: 'rejectExport' } as const;

/** What may be said with either: nothing, or who says it. */
export interface HoldAnswer {
  readonly by: string | null;
}

const MAX_BY = 100;

/** Checks the arguments of a message as typed by hand. */
export function checkHoldAnswer(
  args: readonly unknown[],
): { readonly outcome: 'good'; readonly answer: HoldAnswer } | { readonly outcome: 'faulty'; readonly fault: string } {
  const [input = null] = args;
  const faulty = (fault: string) => ({ outcome: 'faulty', fault }) as const;
  if (args.length > 1 || typeof input !== 'object' || Array.isArray(input))
    return faulty('input: nothing, or one JSON object is expected; give {"by":"jane"}');
  const places = findSecrets(input);
  if (places.length > 0) return faulty(`${places.join(', ')}: looks like a secret; it is not needed here`);
  const by: unknown = input !== null && 'by' in input ? input.by : null;
  if (by === null || (typeof by === 'string' && by.length <= MAX_BY)) return { outcome: 'good', answer: { by } };
  return faulty(`by: must be text of at most ${MAX_BY} characters; give a name or a ticket`);
}

/** A finding for people: `3000 rows before, 1200 now (-60 %)`, `amounts -60 %`. */
export function findingText({ before, now, changePercent }: Finding): string {
  const percent = `${changePercent > 0 ? '+' : ''}${changePercent} %`;
  return before === null || now === null ? `amounts ${percent}` : `${before} rows before, ${now} now (${percent})`;
}

/** A change for people, as one sentence. */
export function changeSentence({ comparedWith, findings }: Change): string {
  const all = findings.map((finding) => `${finding.of} ${findingText(finding)}`);
  return `The export differs from the last snapshot, ${comparedWith}: ${all.join('; ')}.`;
}
