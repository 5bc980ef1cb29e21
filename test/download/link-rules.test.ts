import type { LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isPublicAddress } from '../../src/download/addresses.js';
import { createLinkRules, type LinkRulesOptions } from '../../src/download/link-rules.js';
import { Closing, errorOf, serve } from '../support/http-server.js';

const closing = new Closing();

beforeEach(() => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

afterEach(async () => {
  await closing.all();
  vi.unstubAllEnvs();
});

const rulesWith = (options: LinkRulesOptions = {}) => closing.add(createLinkRules(options));

function refusal(url: string, options: LinkRulesOptions = {}): unknown {
  try {
    rulesWith(options).check(new URL(url));
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('an address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '::7f00:1',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'files.example.com',
    '',
  ])('that is not of the public internet: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '100.63.255.255',
    '172.32.0.1',
    '192.169.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('that is: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('a download link', () => {
  it('to a public host by https may be fetched', () => {
    expect(refusal('https://files.example.com/x?signature=hidden')).toBeUndefined();
    expect(refusal('https://8.8.8.8:8443/x')).toBeUndefined();
  });

  it.each([
    ['plain http', 'http://files.example.com/hidden'],
    ['another protocol', 'ftp://files.example.com/hidden'],
    ['a login', 'https://user:hidden@files.example.com/hidden'],
    ['loopback', 'https://127.0.0.1/hidden'],
    ['loopback in another spelling', 'https://0x7f.1/hidden'],
    ['loopback as one number', 'https://2130706433/hidden'],
    ['loopback by name', 'https://localhost/hidden'],
    ['loopback by a longer name', 'https://files.localhost./hidden'],
    ['IPv6 loopback', 'https://[::1]/hidden'],
    ['a mapped address', 'https://[::ffff:10.0.0.1]/hidden'],
    ['a cloud’s metadata', 'https://169.254.169.254/hidden'],
    ['a private network', 'https://192.168.0.10:9000/hidden'],
  ])('is refused for %s, naming the host alone', (_, url) => {
    const error = refusal(url);
    expect(error).toMatchObject({ type: 'LinkRefused' });
    expect((error as Error).message).toContain(new URL(url).hostname);
    expect((error as Error).message).not.toContain('hidden');
  });

  it('may be private or plain http where the operator names the host, or the host with its port', () => {
    expect(refusal('http://127.0.0.1:9000/x', { allowedHosts: ['127.0.0.1:9000'] })).toBeUndefined();
    expect(refusal('http://minio.internal/x', { allowedHosts: [' MinIO.internal '] })).toBeUndefined();
    expect(refusal('https://10.0.0.1/x', { allowedHosts: ['10.0.0.1:443'] })).toBeUndefined();
    expect(refusal('http://127.0.0.1:9001/x', { allowedHosts: ['127.0.0.1:9000'] })).toMatchObject({
      type: 'LinkRefused',
    });
    expect(refusal('http://x.minio.internal/x', { allowedHosts: ['minio.internal'] })).toMatchObject({
      type: 'LinkRefused',
    });
  });

  it('with a login is refused even where the host is named', () => {
    expect(refusal('https://user:hidden@10.0.0.1/x', { allowedHosts: ['10.0.0.1'] })).toMatchObject({
      type: 'LinkRefused',
    });
  });
});

describe('a name that leads to a private address', () => {
  /** DNS as somebody else would have it. */
  const dns =
    (...addresses: string[]): LookupFunction =>
    (_, options, callback) => {
      const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      if (options.all) callback(null, all);
      else callback(null, all[0]?.address ?? '', all[0]?.family);
    };

  async function connectTo(hostname: string, options: LinkRulesOptions) {
    let reached = 0;
    const server = closing.add(
      await serve((_, response) => {
        reached++;
        response.end('private');
      }),
    );
    let connections = 0;
    server.server.on('connection', () => connections++);
    const { dispatcher } = rulesWith(options);
    const request = dispatcher
      .request({ origin: `http://${hostname}:${server.port}`, path: '/hidden', method: 'GET' })
      .then(({ body }) => body.text());
    return { request, counts: () => ({ reached, connections }) };
  }

  it.each([
    ['loopback', ['127.0.0.1']],
    ['a mapped one', ['::ffff:127.0.0.1']],
    ['one of several', ['8.8.8.8', '127.0.0.1']],
  ])('is refused before a connection is made: %s', async (_, addresses) => {
    const { request, counts } = await connectTo('files.example.com', { lookup: dns(...addresses) });
    const error = await errorOf(request);
    expect(error).toMatchObject({ type: 'LinkRefused' });
    expect((error as Error).message).toBe(
      'The download link’s host files.example.com has an address that is not on the public internet.',
    );
    expect(counts()).toEqual({ reached: 0, connections: 0 });
  });

  it('is refused as an address too, should it come that far', async () => {
    const { request, counts } = await connectTo('127.0.0.1', {});
    expect(await errorOf(request)).toMatchObject({ type: 'LinkRefused' });
    expect(counts().connections).toBe(0);
  });

  it('is reached where the operator names it', async () => {
    const { request } = await connectTo('files.internal', {
      lookup: dns('127.0.0.1'),
      allowedHosts: ['files.internal'],
    });
    await expect(request).resolves.toBe('private');
  });
});
