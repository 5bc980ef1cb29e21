import { EnvHttpProxyAgent, Pool, type buildConnector, type Dispatcher } from 'undici';
import { ExportError } from '../model/export-error.js';

export interface DispatcherOptions {
  /** Bound on making a connection (DNS, TCP, proxy, TLS each), in milliseconds. Default 10 000. */
  readonly connectTimeoutMs?: number;
  /** Bound on the wait for an answer's headers, in milliseconds. Default 60 000. */
  readonly headersTimeoutMs?: number;
  /** Bound on the silence between two pieces of a body, in milliseconds; there is none on the whole. Default 60 000. */
  readonly bodyTimeoutMs?: number;
  /** Makes the direct connections; those through a proxy are the proxy's affair. Default: plain ones. */
  readonly connect?: buildConnector.connector;
}

/**
 * The way out to the network. Goes through `HTTPS_PROXY` / `HTTP_PROXY` except for the hosts of `NO_PROXY`, trusts what Node
 * trusts (`NODE_EXTRA_CA_CERTS`), and follows no redirect. Close it with `close()`.
 * @throws ExportError `ConfigurationInvalid` for a proxy variable that is no URL
 */
export function createDispatcher(options: DispatcherOptions = {}): Dispatcher {
  const { connectTimeoutMs = 10_000, headersTimeoutMs = 60_000, bodyTimeoutMs = 60_000, connect } = options;
  checkProxyVariables(process.env);
  return new EnvHttpProxyAgent({
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    connect: connect ?? { timeout: connectTimeoutMs },
    requestTls: { timeout: connectTimeoutMs },
    proxyTls: { timeout: connectTimeoutMs },
    // A proxy that takes the connection and never answers CONNECT would otherwise hold a call for undici's five minutes.
    clientFactory: (origin, opts) => new Pool(origin, { ...opts, headersTimeout: connectTimeoutMs }),
  });
}

const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'] as const;
const PROXY_PROTOCOLS = new Set(['http:', 'https:', 'socks5:', 'socks:']);

/** undici's own complaint about a bad proxy address quotes it, and the password in it. */
function checkProxyVariables(environment: NodeJS.ProcessEnv): void {
  for (const name of PROXY_VARIABLES) {
    const value = environment[name];
    if (!value) continue;
    if (!URL.canParse(value) || !PROXY_PROTOCOLS.has(new URL(value).protocol)) {
      throw new ExportError(
        'ConfigurationInvalid',
        `${name} is not a proxy address such as http://proxy.example.com:3128.`,
      );
    }
  }
}
