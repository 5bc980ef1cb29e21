import type { RedactionPolicy } from './policy.js';
import type { Treatment } from './treatments.js';

/** Columns that one joins by. */
const joins = [
  ['forecast_entries.user_id', 'forecast_users.user_id'],
  ['forecast_entries.field_id', 'forecast_fields.field_id'],
  ['forecast_entries.time_frame_id', 'forecast_time_frames.time_frame_id'],
] as const;

const asItIs = new Set<Treatment['kind'] | undefined>(['keep', 'tag', 'known-user-id']);

/** Pairs of columns that are landed, and would join nothing since the policy treats them differently. */
export function joinFaults({ treatments }: RedactionPolicy): string[] {
  return joins.flatMap(([one, other]) => {
    const [first, second] = [treatments[one], treatments[other]];
    const dropped = first?.kind === 'drop' || second?.kind === 'drop';
    const alike =
      JSON.stringify(first) === JSON.stringify(second) || (asItIs.has(first?.kind) && asItIs.has(second?.kind));
    return dropped || alike
      ? []
      : [`treatments.${one}: joins to ${other}, which is treated otherwise; treat both alike, or drop one`];
  });
}
