/** What a bench did, as it did it. */
export interface LogEntry {
  /** Milliseconds from the start. */
  readonly at: number;
  readonly did: string;
  readonly [fact: string]: unknown;
}

/** What is counted of a bench's doings. */
export type Counted =
  'kills' | 'crashes' | 'pauses' | 'terms' | 'cuts' | 'serverStops' | 'holds' | 'rotations' | 'rules';

const DISTURBING = new Set(['line', 'server stops', 'SIGKILL', 'SIGSTOP', 'SIGCONT', 'SIGTERM', 'worker ended']);

/** The bench's own journal. */
export class Logbook {
  readonly entries: LogEntry[] = [];
  readonly counts: Record<Counted, number> = {
    kills: 0,
    crashes: 0,
    pauses: 0,
    terms: 0,
    cuts: 0,
    serverStops: 0,
    holds: 0,
    rotations: 0,
    rules: 0,
  };
  readonly #began = performance.now();
  readonly #beganAt = Date.now();

  constructor(private readonly onEntry: (entry: LogEntry) => void = () => undefined) {}

  note(did: string, facts: Readonly<Record<string, unknown>> = {}): void {
    const entry = { at: Math.round(performance.now() - this.#began), did, ...facts };
    this.entries.push(entry);
    this.onEntry(entry);
  }

  /** When a worker, or its way to Clari or to Temporal, was not as it should be, epoch milliseconds. */
  get disturbed(): { readonly from: number; readonly to: number }[] {
    return this.entries
      .filter(({ did }) => DISTURBING.has(did))
      .map(({ at, forMs }) => ({ from: this.#beganAt + at, to: this.#beganAt + at + Number(forMs ?? 0) }));
  }

  count(what: Counted): void {
    this.counts[what] += 1;
  }
}
