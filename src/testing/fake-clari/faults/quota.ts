import type { Contradiction, GivenRule } from './given-rule.js';
import type { FaultOf } from './kinds.js';

type Quota = FaultOf<'quota-reached'>;

const DEFAULT_LASTS_MS = 2000;

/** When the limits begin to show the shortage of a rule. */
export const shownOf = ({ shown }: Quota, times: GivenRule['times']): 'before' | 'after' =>
  shown ?? (times === 'always' ? 'before' : 'after');

/** How long a shortage lasts that a refusal has begun, in milliseconds. */
export const lastsMs = ({ lastsMs: given }: Quota): number => given ?? DEFAULT_LASTS_MS;

/** A shortage that limits show from the beginning has to end by itself or in so many words never, and is everybody's. */
export function badShortage({ match, times, probability, forMs }: GivenRule, fault: Quota): readonly Contradiction[] {
  if (shownOf(fault, times) === 'after') return [];
  const faults: Contradiction[] = [];
  if (times !== 'always' && forMs === undefined) {
    const message =
      'is missing: a client that looks at the limits first sees 0 and never uses the rule up; give forMs, ' +
      '"times": "always" for a shortage until the rule is taken away, or "shown": "after"';
    faults.push({ path: ['forMs'], message });
  }
  const remedy = 'leave it out, or give "shown": "after"';
  if (Object.values(match).some((value) => value !== undefined)) {
    const message = `must be empty where the limits show a shortage from the beginning, which is everybody’s; ${remedy}`;
    faults.push({ path: ['match'], message });
  }
  if (probability < 1) {
    const message = `must be 1 where the limits show a shortage from the beginning; ${remedy}`;
    faults.push({ path: ['probability'], message });
  }
  if (fault.lastsMs !== undefined) {
    const message = 'is for a shortage that a refusal begins; give forMs of the rule instead, or "shown": "after"';
    faults.push({ path: ['fault', 'lastsMs'], message });
  }
  return faults;
}
