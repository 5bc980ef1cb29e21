import type { Fault } from './kinds.js';
import type { Match } from './match.js';

/** A rule whose fields are right one by one. */
export interface GivenRule {
  readonly match: Match;
  readonly times?: number | 'always' | undefined;
  readonly probability: number;
  readonly forMs?: number | undefined;
  readonly fault: Fault;
}

/** A field of a rule that does not go together with the others. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  /** The rule and the remedy. */
  readonly message: string;
}

/** What of a fake server decides which rules can strike. */
export interface Tenant {
  readonly dialect: 'brief' | 'published';
  readonly forecasts: readonly { readonly forecastId: string }[];
}
