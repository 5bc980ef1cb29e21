import type { EndpointName } from './endpoint-names.js';
import type { FaultKind } from './faults/kinds.js';

/** One request as the fake server saw it. `status`, `bytesSent` and `end` change while it is answered. */
export interface JournalEntry {
  /** Epoch milliseconds of its arrival, by the machine's clock. */
  readonly at: number;
  readonly server: 'api' | 'link';
  /** Undefined for an address that leads nowhere. */
  readonly endpoint: EndpointName | undefined;
  readonly method: string;
  /** With its query, less what signs a link, `[token]` in place of a token. */
  readonly path: string;
  /** Whether it carried an API token, in whichever header or part of the address. */
  readonly apikeyPresent: boolean;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** The job that it made or asked for. */
  readonly jobId: string | undefined;
  /** The other job that it made, where it was delivered twice. */
  readonly duplicateJobId: string | undefined;
  /** What struck it, in the order of the rules. */
  readonly faults: readonly FaultKind[];
  /** Undefined until the answer begins. */
  readonly status: number | undefined;
  /** Bytes of the body handed to the socket. */
  readonly bytesSent: number;
  /** Undefined while it is answered; `broken`: the connection went before the answer was out. */
  readonly end: 'whole' | 'broken' | undefined;
}

/** An entry that its server still writes to. */
export type OpenEntry = { -readonly [K in keyof JournalEntry]: JournalEntry[K] };

interface Waiter {
  readonly predicate: (entry: JournalEntry) => boolean;
  readonly resolve: (entry: JournalEntry) => void;
  readonly reject: (error: Error) => void;
}

/** All that was asked of a fake server, in the order of arrival. */
export class Journal {
  readonly #entries: OpenEntry[] = [];
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** Ids of the jobs that were made by requests, in their order, whatever was answered. */
  jobsCreated(): readonly string[] {
    return this.#entries.flatMap(({ method, jobId, duplicateJobId }) =>
      method === 'POST' ? [jobId, duplicateJobId].filter((id) => id !== undefined) : [],
    );
  }

  /** Requests for the result of a job at the link host, refused ones among them. */
  linkFetches(jobId: string): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.server === 'link' && entry.jobId === jobId);
  }

  /** Whether any token was ever shown to the link host. */
  apikeyReachedLinkHost(): boolean {
    return this.#entries.some((entry) => entry.server === 'link' && entry.apikeyPresent);
  }

  /**
   * The first request that fits, as soon as there is one: those already there count. Looked at when a request arrives, when its
   * status is known, with each piece of its answer and at its end.
   * @throws Error when the server is closed first, and the signal's reason when that comes first
   */
  async waitFor(predicate: (entry: JournalEntry) => boolean, signal?: AbortSignal): Promise<JournalEntry> {
    signal?.throwIfAborted();
    const there = this.#entries.find(predicate);
    if (there !== undefined) return there;
    if (this.#closed) throw closedError();
    return await new Promise<JournalEntry>((resolve, reject) => {
      const waiter: Waiter = { predicate, resolve, reject };
      this.#waiters.add(waiter);
      signal?.addEventListener(
        'abort',
        () => {
          this.#waiters.delete(waiter);
          reject(signal.reason instanceof Error ? signal.reason : new Error('no longer waited for'));
        },
        { once: true },
      );
    });
  }

  /** For the servers: a request has arrived. */
  open(entry: OpenEntry): void {
    this.#entries.push(entry);
    this.changed(entry);
  }

  /** For the servers: `entry` has news. */
  changed(entry: JournalEntry): void {
    for (const waiter of this.#waiters) {
      if (!waiter.predicate(entry)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(entry);
    }
  }

  /** For the servers: nothing more will come. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.reject(closedError());
    this.#waiters.clear();
  }
}

const closedError = (): Error => new Error('the fake Clari server was closed before such a request came');
