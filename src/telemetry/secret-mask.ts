import type { Secret } from '../secrets/port.js';

const MASK = '[secret]';
/** What gives a bearer link or a header away even where the value itself was never seen here. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/(https?:\/\/[^\s?#"']+)[?#][^\s"']*/gi, '$1?[query not shown]'],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [secret]'],
  // In JSON within JSON the quotes have backslashes before them. A scheme such as Bearer is dealt with above.
  [
    /\b(apikey|x-api-key|x-api-password|authorization)(\\*["']?\s*[:=]\s*\\*["']?)(?!bearer |basic )[^\s"',}\\]+/gi,
    '$1$2[secret]',
  ],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^/@\s"':]+:[^/@\s"']+@/gi, '$1[secret]@'],
];

/**
 * Removes secrets from text on its way out: values that were read in this process, and what looks like a link's signature.
 * A second net: nothing is meant to put them there in the first place.
 */
export class SecretMask {
  private readonly values = new Set<string>();

  /** The same secret, whose values are known to this mask from its first use on. */
  watch(secret: Secret): Secret {
    return {
      reference: secret.reference,
      forget: (refused) => secret.forget(refused),
      read: async () => {
        const value = await secret.read();
        // A very short value would blank out ordinary words.
        if (value.length >= 6) {
          this.values.add(value);
          // Most of what is masked is JSON, which has its own way to write quotes and backslashes.
          this.values.add(JSON.stringify(value).slice(1, -1));
        }
        return value;
      },
    };
  }

  apply(text: string): string {
    let masked = text;
    for (const value of this.values) masked = masked.replaceAll(value, MASK);
    for (const [pattern, replacement] of patterns) masked = masked.replace(pattern, replacement);
    return masked;
  }
}
