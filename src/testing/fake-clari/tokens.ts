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

  /** Whether a text shows a token that ever was good, as it is or encoded for an address. */
  areIn(text: string): boolean {
    return this.masked(text) !== text;
  }

  /** The text with a mark in place of every token that ever was good; decoded where only that shows one. */
  masked(text: string): string {
    const plain = this.#marked(text);
    const decoded = this.#marked(percentDecoded(plain));
    return decoded === percentDecoded(plain) ? plain : decoded;
  }

  /** Every token that ever was good, for searches after leaks. */
  everKnown(): readonly string[] {
    return [...this.#everKnown];
  }

  #marked(text: string): string {
    // The longest first: of one that is the beginning of another nothing may be left over.
    const tokens = this.everKnown().toSorted((one, other) => other.length - one.length);
    return tokens.reduce((shown, token) => (token === '' ? shown : shown.replaceAll(token, '[token]')), text);
  }
}

/** Never throws, as decodeURIComponent does: an address may have anything. */
const percentDecoded = (text: string): string =>
  text.replace(/(%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
