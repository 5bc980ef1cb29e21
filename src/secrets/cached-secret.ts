import { NamedSecret } from './named-secret.js';
import type { Secret } from './port.js';
import { publishStale } from './stale-secret.js';
import { StoreDown } from './store-down.js';

export interface CacheOptions {
  /** How long a value is used without asking, in milliseconds; also between two tries while the store is down. Default 60 000. */
  readonly freshMs?: number;
  /** How long the last value is used while the store is down, in milliseconds since it was read. Default 15 minutes. */
  readonly usableMs?: number;
  /** In milliseconds, never going back. Default: this process's clock. */
  readonly now?: () => number;
}

/**
 * The same secret for a store that is slow to read: asked at most once a minute, by one read at a time, however many use it.
 * While the store is down its last value goes on for a bounded time, and each try is told to `onStaleSecret`.
 */
export function cachedSecret(secret: Secret, options: CacheOptions = {}): Secret {
  const cache = new Cache(secret, options);
  return new NamedSecret(
    secret.reference,
    () => cache.read(),
    (refused) => cache.forget(refused),
  );
}

interface Kept {
  readonly value: string;
  /** When its read began: it may be as old as that. */
  readonly readAt: number;
  readonly freshUntil: number;
}

interface Flight {
  readonly value: Promise<string>;
  /** What was refused since it began: if it brings that, the store may have had another one by then. */
  readonly doubted: Set<string>;
}

class Cache {
  readonly #secret: Secret;
  readonly #freshMs: number;
  readonly #usableMs: number;
  readonly #now: () => number;
  #kept: Kept | undefined;
  #flight: Flight | undefined;

  constructor(
    secret: Secret,
    { freshMs = 60_000, usableMs = 15 * 60_000, now = () => performance.now() }: CacheOptions,
  ) {
    this.#secret = secret;
    this.#freshMs = freshMs;
    this.#usableMs = usableMs;
    this.#now = now;
  }

  async read(): Promise<string> {
    for (;;) {
      if (this.#kept && this.#now() < this.#kept.freshUntil) return this.#kept.value;
      const { value, doubted } = (this.#flight ??= this.#begin());
      const found = await value;
      if (!doubted.has(found)) return found;
    }
  }

  forget(refused: string): void {
    if (this.#kept?.value === refused) this.#kept = undefined;
    this.#flight?.doubted.add(refused);
    this.#secret.forget(refused);
  }

  #begin(): Flight {
    const doubted = new Set<string>();
    return { value: this.#ask(doubted), doubted };
  }

  async #ask(doubted: ReadonlySet<string>): Promise<string> {
    const readAt = this.#now();
    try {
      const value = await this.#secret.read();
      this.#kept = doubted.has(value) ? undefined : { value, readAt, freshUntil: readAt + this.#freshMs };
      return value;
    } catch (error) {
      return this.#lastValue(error);
    } finally {
      this.#flight = undefined;
    }
  }

  /** @throws the error, where the store has said no, or has been down for too long */
  #lastValue(error: unknown): string {
    const kept = this.#kept;
    this.#kept = undefined;
    if (!kept || !(error instanceof StoreDown)) throw error;
    const { value, readAt } = kept;
    const [now, end] = [this.#now(), readAt + this.#usableMs];
    if (now >= end)
      throw new StoreDown(
        `${error.message} The last value that was read is older than ${minutes(this.#usableMs)} and is used no more.`,
      );
    this.#kept = { value, readAt, freshUntil: Math.min(now + this.#freshMs, end) };
    publishStale({
      reference: this.#secret.reference,
      message: `${error.message} The value that was read ${minutes(now - readAt)} ago is used, for ${minutes(end - now)} more.`,
    });
    return value;
  }
}

const minutes = (ms: number): string => `${Math.round(ms / 60_000)} min`;
