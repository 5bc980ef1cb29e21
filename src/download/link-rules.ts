import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector, type Dispatcher } from 'undici';
import { createDispatcher } from '../http/dispatcher.js';
import { ExportError } from '../model/export-error.js';
import { isPublicAddress } from './addresses.js';

/** Where a link that came in somebody's answer may point. */
export interface LinkRules {
  /** @throws ExportError `LinkRefused`, which names the host alone */
  check(url: URL): void;
  /**
   * The way to such links: it checks the address that is really connected to, so that DNS can't lie. Behind a proxy it is the
   * proxy that looks names up and decides.
   */
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

export interface LinkRulesOptions {
  /** `host` or `host:port` that may be private, or plain http. Default none. */
  readonly allowedHosts?: readonly string[];
  /** Bound on making a connection, in milliseconds. Default 10 000. */
  readonly connectTimeoutMs?: number;
  /** How names become addresses. Default the system's way. */
  readonly lookup?: LookupFunction;
}

/** https only, no login in the address, and no private, loopback or link-local host, unless the operator names it. */
export function createLinkRules(options: LinkRulesOptions = {}): LinkRules {
  const { connectTimeoutMs: timeout = 10_000, lookup = dnsLookup } = options;
  const allowedHosts = new Set((options.allowedHosts ?? []).map((host) => host.trim().toLowerCase()));
  const isAllowed = (hostname: string, port: string): boolean =>
    allowedHosts.has(hostname) || allowedHosts.has(`${hostname}:${port}`);

  const free = buildConnector({ timeout, lookup });
  const guarded = buildConnector({ timeout, lookup: guard(lookup) });
  const dispatcher = createDispatcher({
    connectTimeoutMs: timeout,
    connect: (target, callback) => {
      const port = target.port === '' ? defaultPort(target.protocol) : target.port;
      // undici gives an IPv6 host with or without its brackets.
      const bare = target.hostname.replace(/^\[|\]$/g, '');
      const hostname = isIP(bare) === 6 ? `[${bare}]` : bare;
      if (isAllowed(hostname, port)) {
        free(target, callback);
        return;
      }
      // Of an address no name is looked up.
      if (isIP(bare) !== 0 && !isPublicAddress(bare)) {
        callback(refused(hostname, 'is not on the public internet'), null);
        return;
      }
      guarded(target, callback);
    },
  });

  return {
    dispatcher,
    close: () => dispatcher.close(),
    check(url) {
      const hostname = url.hostname.toLowerCase();
      if (url.username !== '' || url.password !== '') throw refused(hostname, 'comes with a login in its address');
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(hostname, 'is neither https nor http');
      if (isAllowed(hostname, url.port === '' ? defaultPort(url.protocol) : url.port)) return;
      if (url.protocol !== 'https:') throw refused(hostname, 'is not https');
      const bare = hostname.replace(/^\[|\]$/g, '');
      const privateName = /(^|\.)localhost\.?$/.test(bare);
      if (privateName || (isIP(bare) !== 0 && !isPublicAddress(bare)))
        throw refused(hostname, 'is not on the public internet');
    },
  };
}

function guard(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((entry) => entry.address) : [address];
      // One private address among public ones is one too many: which of them is used is not ours to choose.
      const refusal = !error && found.some((one) => !isPublicAddress(one));
      callback(
        refusal ? refused(hostname, 'has an address that is not on the public internet') : error,
        address,
        family,
      );
    });
  };
}

function defaultPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80';
}

function refused(hostname: string, why: string): ExportError {
  return new ExportError('LinkRefused', `The download link’s host ${hostname} ${why}.`);
}
