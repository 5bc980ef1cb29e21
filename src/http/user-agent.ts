import { readFileSync } from 'node:fs';

/** `clari-temporal/<version>`, so that Clari's support can tell these calls from others. */
export const userAgent = `clari-temporal/${ownVersion()}`;

function ownVersion(): string {
  // The same two levels up from src/http and from dist/http.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' ? version : '0';
}
