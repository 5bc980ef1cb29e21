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
  readonly #strikes: Map<FaultKind, Strike>;
  readonly #withdrawn: (kind: FaultKind) => void;

  /** `withdrawn` is told of each strike that is taken back. */
  constructor(strikes: ReadonlyMap<FaultKind, Strike>, withdrawn: (kind: FaultKind) => void) {
    this.#strikes = new Map(strikes);
    this.#withdrawn = withdrawn;
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

  /** Takes back strikes that change nothing: their rules have them yet to come. */
  withdraw(...kinds: readonly FaultKind[]): void {
    for (const kind of kinds) if (this.#strikes.delete(kind)) this.#withdrawn(kind);
  }
}
