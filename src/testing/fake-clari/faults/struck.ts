import type { Fault, FaultKind, FaultOf } from './kinds.js';

/** One fault that strikes one request. */
export interface Strike {
  readonly fault: Fault;
  /** Which strike of its rule this is, from 1. */
  readonly nth: number;
  /** Which one for this job, from 1. */
  readonly nthOfJob: number;
}

/** The faults that strike one request: of each kind one at most. */
export class StruckFaults {
  readonly #strikes: ReadonlyMap<string, Strike>;

  constructor(strikes: ReadonlyMap<string, Strike>) {
    this.#strikes = strikes;
  }

  kinds(): readonly FaultKind[] {
    return [...this.#strikes.values()].map(({ fault }) => fault.kind);
  }

  of<Kind extends FaultKind>(kind: Kind): FaultOf<Kind> | undefined {
    return this.#strikes.get(kind)?.fault as FaultOf<Kind> | undefined;
  }

  strike(kind: FaultKind): Strike | undefined {
    return this.#strikes.get(kind);
  }
}
