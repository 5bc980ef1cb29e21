import { mix, seedFrom } from '../data/random.js';
import type { JournalEntry } from '../journal.js';
import { matches } from './match.js';
import type { FaultRule, FullRule } from './rule.js';
import { parseRules } from './rule.js';
import type { Strike } from './struck.js';
import { StruckFaults } from './struck.js';
import type { FaultTarget } from './scopes.js';
import { concerns } from './scopes.js';

/** A rule and what has become of it. */
export interface RuleState {
  readonly rule: FullRule;
  /** Matching requests of its time, struck or not. */
  readonly seen: number;
  readonly struck: number;
}

/** That a rule struck a request. */
export interface StruckRequest {
  readonly rule: FullRule;
  readonly entry: JournalEntry;
}

interface KeptRule {
  readonly rule: FullRule;
  readonly seed: number;
  readonly setAt: number;
  seen: number;
  struck: number;
  readonly struckByJob: Map<string | undefined, number>;
}

/** The fault rules of a fake server, which may change at any moment. */
export class FakeFaults {
  readonly #seed: number;
  readonly #now: () => number;
  #rules: KeptRule[] = [];
  readonly #struck: StruckRequest[] = [];

  /** `now`: epoch milliseconds, for the rules' windows. */
  constructor({ seed, now }: { readonly seed: number; readonly now: () => number }) {
    this.#seed = seed;
    this.#now = now;
  }

  /**
   * Puts these rules in place of those that are there. What earlier faults have changed for good stays so.
   * @throws FaultRulesError that lists everything that is wrong; then nothing is changed
   */
  set(rules: readonly FaultRule[]): void {
    const parsed = parseRules(rules);
    this.#rules = [];
    this.#keep(parsed);
  }

  /**
   * Adds rules behind those that are there.
   * @throws FaultRulesError that lists everything that is wrong; then nothing is changed
   */
  add(...rules: readonly FaultRule[]): void {
    this.#keep(parseRules(rules));
  }

  /** Takes all rules away. */
  clear(): void {
    this.#rules = [];
  }

  rules(): readonly RuleState[] {
    return this.#rules.map(({ rule, seen, struck }) => ({ rule, seen, struck }));
  }

  /** Which rule struck which request, in the order of arrival; also of rules that are no more. */
  struck(): readonly StruckRequest[] {
    return this.#struck;
  }

  /**
   * For the servers: draws what strikes a request. Of each kind the first rule that strikes wins; rules of that kind behind it
   * do not see the request.
   */
  strike(target: FaultTarget, entry: JournalEntry): StruckFaults {
    const strikes = new Map<string, Strike>();
    for (const kept of this.#rules) {
      const { fault, match } = kept.rule;
      if (strikes.has(fault.kind) || !concerns(fault, target) || !matches(match, target)) continue;
      const strike = this.#draw(kept, target.jobId);
      if (strike === undefined) continue;
      strikes.set(fault.kind, strike);
      this.#struck.push({ rule: kept.rule, entry });
    }
    return new StruckFaults(strikes);
  }

  /** For the servers: rules that could strike now, if another request came from the same user; nothing is counted. */
  inForce({ userId, token }: Pick<FaultTarget, 'userId' | 'token'>): readonly FullRule[] {
    return this.#rules
      .filter((kept) => this.#isOpen(kept) && kept.seen >= kept.rule.after)
      .map(({ rule }) => rule)
      .filter(({ match }) => match.userId === undefined || match.userId === userId)
      .filter(({ match }) => match.token === undefined || match.token === token);
  }

  #keep(rules: readonly FullRule[]): void {
    for (const rule of rules) {
      const seed = seedFrom(this.#seed, 'fault', this.#rules.length);
      this.#rules.push({ rule, seed, setAt: this.#now(), seen: 0, struck: 0, struckByJob: new Map() });
    }
  }

  #isOpen({ rule, setAt, struck }: KeptRule): boolean {
    const age = this.#now() - setAt;
    const times = rule.times ?? (rule.fault.kind === 'states' ? 'always' : 1);
    const inTime = age >= rule.fromMs && (rule.forMs === undefined || age < rule.fromMs + rule.forMs);
    return inTime && (times === 'always' || struck < times);
  }

  #draw(kept: KeptRule, jobId: string | undefined): Strike | undefined {
    const { rule, seed, struckByJob } = kept;
    const ofJob = struckByJob.get(jobId) ?? 0;
    if (!this.#isOpen(kept) || (rule.fault.kind === 'states' && ofJob >= rule.fault.words.length)) return undefined;
    kept.seen += 1;
    if (kept.seen <= rule.after || mix(seed, kept.seen, 0) >= rule.probability * 2 ** 31) return undefined;
    kept.struck += 1;
    struckByJob.set(jobId, ofJob + 1);
    return { fault: rule.fault, nth: kept.struck, nthOfJob: ofJob + 1 };
  }
}
