import type { ExpectedFile } from './data/expected-file.js';
import type { FakeTokens } from './tokens.js';

export interface CanarySources {
  /** The files of all jobs. */
  readonly expected: readonly ExpectedFile[];
  readonly tokens: FakeTokens;
  readonly links: readonly { readonly url: string }[];
}

/**
 * What nobody but the destination may have: the people of all files (surnames alone too), every token, and of every link the whole
 * and the parts that open it. Each once.
 */
export function canaries({ expected, tokens, links }: CanarySources): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of expected) {
    for (const { kind, value } of file.personalValues()) {
      found.add(value);
      // Only the e-mail says which part of a name nobody else has.
      if (kind === 'email') found.add((value.split('.')[0] ?? value).toLowerCase());
    }
  }
  for (const token of tokens.everKnown()) found.add(token);
  for (const { url } of links) {
    const { pathname, searchParams } = new URL(url);
    for (const part of [url, pathname.split('/').at(-1) ?? url, searchParams.get('signature') ?? url]) found.add(part);
  }
  return found;
}
