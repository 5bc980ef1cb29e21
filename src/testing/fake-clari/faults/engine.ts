import { mix, seedFrom } from '../data/random.js';
import type { JournalEntry, OpenEntry } from '../journal.js';
import { matches } from './match.js';
import type { Tenant } from './given-rule.js';
import type { FaultKind, LimitName } from './kinds.js';
import { lastsMs, shownOf } from './quota.js';
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
  /** Strikes of its `times`: all but those of a shortage that goes on. */
  spent: number;
  /** When the shortage ends that its last strike has begun. */
  shortUntil: number;
  readonly struckByJob: Map<string | undefined, number>;
}

/** The fault rules of a fake server, which may change at any moment. */
export class FakeFaults {
  readonly #seed: number;
  readonly #now: () => number;
  readonly #tenant: Tenant;
  #rules: KeptRule[] = [];
  readonly #struck: StruckRequest[] = [];

  /** `now`: epoch milliseconds, for the rules' windows. */
  constructor({ seed, now, ...tenant }: Tenant & { readonly seed: number; readonly now: () => number }) {
    this.#seed = seed;
    this.#now = now;
    this.#tenant = tenant;
  }

  /**
   * Puts these rules in place of those that are there. What earlier faults have changed for good stays so.
   * @throws FaultRulesError that lists everything that is wrong; then nothing is changed
   */
  set(rules: readonly FaultRule[]): void {
    const parsed = parseRules(rules, this.#tenant);
    this.#rules = [];
    this.#keep(parsed);
  }

  /**
   * Adds rules behind those that are there.
   * @throws FaultRulesError that lists everything that is wrong; then nothing is changed
   */
  add(...rules: readonly FaultRule[]): void {
    this.#keep(parseRules(rules, this.#tenant));
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
  strike(target: FaultTarget, entry: OpenEntry): StruckFaults {
    const strikes = new Map<FaultKind, Strike>();
    const takeBack = new Map<FaultKind, () => void>();
    for (const kept of this.#rules) {
      const { rule } = kept;
      const { kind } = rule.fault;
      if (strikes.has(kind) || !concerns(rule.fault, target)) continue;
      const strike = this.#draw(kept, target);
      if (strike === undefined) continue;
      strikes.set(kind, strike);
      const record = { rule, entry };
      this.#struck.push(record);
      takeBack.set(kind, () => {
        this.#struck.splice(this.#struck.lastIndexOf(record), 1);
        kept.struck -= 1;
        kept.spent -= 1;
        kept.struckByJob.set(target.jobId, strike.nthOfJob - 1);
      });
    }
    const faults = new StruckFaults(strikes, (kind) => {
      takeBack.get(kind)?.();
      entry.faults = faults.kinds();
    });
    entry.faults = faults.kinds();
    return faults;
  }

  /** For the servers: the limits that the rules show as used up. A shortage is everybody's, whoever has begun it. */
  shortages(): readonly LimitName[] {
    return this.#rules.flatMap((kept) => {
      const { fault, times, after } = kept.rule;
      if (fault.kind !== 'quota-reached') return [];
      const begun = shownOf(fault, times) === 'before' && this.#isOpen(kept) && kept.seen >= after;
      return begun || this.#now() < kept.shortUntil ? [fault.limit] : [];
    });
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
      const counts = { seen: 0, struck: 0, spent: 0, shortUntil: Number.NEGATIVE_INFINITY, struckByJob: new Map() };
      this.#rules.push({ rule, seed, setAt: this.#now(), ...counts });
    }
  }

  #isOpen({ rule, setAt, spent }: KeptRule): boolean {
    const age = this.#now() - setAt;
    const times = rule.times ?? usualTimes(rule);
    const inTime = age >= rule.fromMs && (rule.forMs === undefined || age < rule.fromMs + rule.forMs);
    return inTime && (times === 'always' || spent < times);
  }

  #draw(kept: KeptRule, target: FaultTarget): Strike | undefined {
    const { rule, seed, struckByJob } = kept;
    const { fault } = rule;
    if (this.#now() < kept.shortUntil) {
      kept.seen += 1;
      return struck(kept, target);
    }
    if (!matches(rule.match, target) || !this.#isOpen(kept)) return undefined;
    if (fault.kind === 'states' && (struckByJob.get(target.jobId) ?? 0) >= fault.words.length) return undefined;
    kept.seen += 1;
    if (kept.seen <= rule.after || mix(seed, kept.seen, 0) >= rule.probability * 2 ** 31) return undefined;
    kept.spent += 1;
    if (fault.kind === 'quota-reached' && shownOf(fault, rule.times) === 'after')
      kept.shortUntil = this.#now() + lastsMs(fault);
    return struck(kept, target);
  }
}

function struck(kept: KeptRule, { jobId }: FaultTarget): Strike {
  const nthOfJob = (kept.struckByJob.get(jobId) ?? 0) + 1;
  kept.struck += 1;
  kept.struckByJob.set(jobId, nthOfJob);
  return { fault: kept.rule.fault, nth: kept.struck, nthOfJob };
}

function usualTimes({ fault, times }: FullRule): 1 | 'always' {
  const isState = fault.kind === 'quota-reached' && shownOf(fault, times) === 'before';
  return isState || fault.kind === 'states' ? 'always' : 1;
}
