import type { FakeToken } from './options.js';

/** Who may call the fake API; may change at any moment. */
export class FakeTokens {
  readonly #holders = new Map<string, FakeToken>();
  /** Also those that were revoked. */
  readonly #everKnown = new Set<string>();

  constructor(tokens: readonly FakeToken[]) {
    for (const token of tokens) this.add(token);
  }

  /** Adds a token, or replaces what is known of it. */
  add(token: FakeToken): void {
    this.#holders.set(token.token, token);
    this.#everKnown.add(token.token);
  }

  /** From now on the token answers 401. */
  revoke(token: string): void {
    this.#holders.delete(token);
  }

  holder(token: string | undefined): FakeToken | undefined {
    return token === undefined ? undefined : this.#holders.get(token);
  }

  /** Every token that ever was good, for searches after leaks. */
  everKnown(): readonly string[] {
    return [...this.#everKnown];
  }
}
