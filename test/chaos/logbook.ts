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

  constructor(private readonly onEntry: (entry: LogEntry) => void = () => undefined) {}

  note(did: string, facts: Readonly<Record<string, unknown>> = {}): void {
    const entry = { at: Math.round(performance.now() - this.#began), did, ...facts };
    this.entries.push(entry);
    this.onEntry(entry);
  }

  count(what: Counted): void {
    this.counts[what] += 1;
  }
}
