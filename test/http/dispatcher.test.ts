import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { describeTransportFault } from '../../src/http/transport-error.js';
import { Closing, errorOf, serve } from '../support/http-server.js';

const closing = new Closing();

beforeEach(() => {
  // The machine's own proxy must not decide what these tests see.
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY']) {
    vi.stubEnv(name, undefined);
  }
});

afterEach(async () => {
  await closing.all();
  vi.unstubAllEnvs();
});

/** A proxy that tunnels to the named target, or answers CONNECT with `refuse`, or not at all. */
async function startProxy(
  how: 'tunnel' | 'silent' | number,
): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('connect', (request, client: Socket) => {
    seen.push(request.url ?? '');
    if (how === 'silent') return;
    if (how !== 'tunnel') {
      client.end(`HTTP/1.1 ${how} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    sockets.add(target);
    target.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.defer(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function statusOf(origin: string, connectTimeoutMs = 5_000): Promise<number> {
  const dispatcher = closing.add(createDispatcher({ connectTimeoutMs }));
  const { statusCode, body } = await dispatcher.request({ origin, path: '/', method: 'GET' });
  await body.dump();
  return statusCode;
}

describe('the proxy of the environment', () => {
  it('carries the calls', async () => {
    const target = closing.add(await serve((_, response) => response.end()));
    const proxy = await startProxy('tunnel');
    vi.stubEnv('HTTP_PROXY', proxy.url);
    await expect(statusOf(target.origin)).resolves.toBe(200);
    expect(proxy.seen).toEqual([target.host]);
  });

  it('carries https by HTTPS_PROXY', async () => {
    const proxy = await startProxy(502);
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    const error = await errorOf(statusOf('https://api.clari.example'));
    expect(proxy.seen).toEqual(['api.clari.example:443']);
    expect(describeTransportFault(error)).toEqual({ kind: 'the proxy refused the connection (502)', neverSent: true });
  });

  it('is bypassed for the hosts of NO_PROXY', async () => {
    const target = closing.add(await serve((_, response) => response.end()));
    const proxy = await startProxy('tunnel');
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('NO_PROXY', 'internal.example, 127.0.0.1');
    await expect(statusOf(target.origin)).resolves.toBe(200);
    expect(proxy.seen).toEqual([]);
  });

  it('that wants a login is named as the cause', async () => {
    const proxy = await startProxy(407);
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const error = await errorOf(statusOf('http://api.clari.example'));
    expect(describeTransportFault(error)).toEqual({ kind: 'the proxy wants a login (407)', neverSent: true });
  });

  it('that does not answer is given up after the time for a connection', async () => {
    const proxy = await startProxy('silent');
    vi.stubEnv('HTTP_PROXY', proxy.url);
    await errorOf(statusOf('http://api.clari.example', 200));
    expect(proxy.seen).toEqual(['api.clari.example:80']);
  });

  it('is refused by its variable’s name when it is no address, without the password in it', () => {
    vi.stubEnv('HTTPS_PROXY', 'user:not-a-real-password@proxy.example:3128');
    expect(() => createDispatcher()).toThrow(
      /^HTTPS_PROXY is not a proxy address such as http:\/\/proxy\.example\.com:3128\.$/,
    );
  });
});

describe('a redirect', () => {
  it('is not followed', async () => {
    const target = closing.add(await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end()));
    await expect(statusOf(target.origin)).resolves.toBe(302);
  });
});

describe('an authority of one’s own', () => {
  it('is refused without NODE_EXTRA_CA_CERTS and trusted with it', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'Test authority' }], {
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
    const folder = await mkdtemp(join(tmpdir(), 'authority-'));
    closing.defer(() => rm(folder, { recursive: true }));
    const certificate = join(folder, 'ca.pem');
    await writeFile(certificate, cert);
    const { origin } = closing.add(await serve((_, response) => response.end(), { key, cert }));

    const without = await fetchOnce(origin, {});
    const trusting = await fetchOnce(origin, { NODE_EXTRA_CA_CERTS: certificate });

    expect(without).toMatch(/^failed: its certificate is signed by an authority that is not trusted here/);
    expect(trusting).toBe('answered 200');
  });
});

/** In a process of its own: Node reads the variable when it starts. */
async function fetchOnce(url: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const script = fileURLToPath(new URL('../support/fetch-once.ts', import.meta.url));
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, url], {
    env: { ...environment, ...variables },
  });
  return stdout.trim();
}
