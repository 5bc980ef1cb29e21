import { ExportError } from '../model/export-error.js';

export interface BaseUrl {
  readonly origin: string;
  /** Host with its port, for messages. */
  readonly host: string;
  /** Path prefix without a slash at its end: `/v4`. */
  readonly prefix: string;
}

/**
 * Clari's address as configured. Plain http is for loopback and the hosts named in `allowInsecure` (`host` or `host:port`):
 * every call carries the token.
 * @throws ExportError `ConfigurationInvalid`
 */
export function parseBaseUrl(text: string, allowInsecure: readonly string[] = []): BaseUrl {
  if (!URL.canParse(text)) throw invalid('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid('is neither https nor http');
  if (url.username !== '' || url.password !== '') throw invalid('holds a login; the token belongs in CLARI_API_KEY');
  if (url.search !== '' || url.hash !== '') throw invalid('has a query or fragment');
  if (
    url.protocol === 'http:' &&
    !isLoopback(url.hostname) &&
    !allowInsecure.some((host) => host === url.host || host === url.hostname)
  ) {
    throw invalid(`is plain http to ${url.host}, which would send the token unencrypted`);
  }
  return { origin: url.origin, host: url.host, prefix: url.pathname.replace(/\/+$/, '') };
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

function invalid(what: string): ExportError {
  return new ExportError('ConfigurationInvalid', `Clari’s base URL (CLARI_BASE_URL) ${what}.`);
}
