import { createServer, type AddressInfo } from 'node:net';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { describeTransportFault, transportError } from '../../src/http/transport-error.js';
import { Closing, errorOf, serve } from '../support/http-server.js';

const SECRET_PATH = '/secret-path?signature=hidden';

describe('what went wrong below HTTP', () => {
  const closing = new Closing();
  let dispatcher: Dispatcher;

  beforeEach(() => {
    dispatcher = closing.add(
      createDispatcher({ connectTimeoutMs: 5_000, headersTimeoutMs: 2_000, bodyTimeoutMs: 2_000 }),
    );
  });

  afterEach(() => closing.all());

  async function failureOf(origin: string): Promise<unknown> {
    return errorOf(dispatcher.request({ origin, path: SECRET_PATH, method: 'GET' }).then(({ body }) => body.text()));
  }

  function expectNoSecret(error: unknown, origin: string): void {
    const { message } = transportError('ClariUnreachable', new URL(origin).host, error);
    expect(message).toContain(new URL(origin).host);
    expect(message).not.toMatch(/secret-path|signature|hidden/);
  }

  it('a refused connection was never sent, and names the address that was tried', async () => {
    const free = await serve(() => undefined);
    await free.close();
    const error = await failureOf(free.origin);
    expect(describeTransportFault(error)).toEqual({
      kind: `the connection was refused (127.0.0.1 port ${free.port})`,
      neverSent: true,
    });
    expectNoSecret(error, free.origin);
  });

  it('a name that does not resolve was never sent', async () => {
    const origin = 'https://no-such-host.invalid';
    const error = await failureOf(origin);
    expect(describeTransportFault(error)).toMatchObject({ neverSent: true });
    expect(describeTransportFault(error).kind).toMatch(/^DNS (knows no such host|did not answer)/);
    expectNoSecret(error, origin);
  });

  it('a reset connection may have been served', async () => {
    const { origin } = closing.add(await serve((request) => request.socket.resetAndDestroy()));
    const error = await failureOf(origin);
    expect(describeTransportFault(error)).toMatchObject({ neverSent: false });
    expect(describeTransportFault(error).kind).toMatch(/reset|closed/);
    expectNoSecret(error, origin);
  });

  it('an answer that never comes, and one that stalls, are told apart', async () => {
    const { origin } = closing.add(
      await serve((request, response) => {
        if (request.headers['x-stall']) response.writeHead(200, { 'content-length': '10' }).write('half');
      }),
    );
    expect(describeTransportFault(await failureOf(origin))).toEqual({
      kind: 'no answer came in time',
      neverSent: false,
    });
    const stalled = dispatcher
      .request({ origin, path: '/', method: 'GET', headers: { 'x-stall': '1' } })
      .then(({ body }) => body.text());
    expect(describeTransportFault(await errorOf(stalled))).toEqual({ kind: 'the answer stalled', neverSent: false });
  });

  it('an answer that is no HTTP is named so, without what came instead', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('SSH-2.0-secret-path\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.defer(() => new Promise((resolve) => server.close(resolve)));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await failureOf(origin);
    expect(describeTransportFault(error).kind).toBe('the answer is not proper HTTP');
    expectNoSecret(error, origin);
  });

  it('https to a server that speaks plain http fails as TLS', async () => {
    const { port } = closing.add(await serve((_, response) => response.end()));
    const error = await failureOf(`https://127.0.0.1:${port}`);
    expect(describeTransportFault(error).kind).toMatch(/^TLS failed/);
  });

  it('an error that nobody has met is shown by its code or name, never its message', () => {
    const error = new TypeError(`bad url https://files.example.com${SECRET_PATH}`);
    expect(transportError('DownloadInterrupted', 'files.example.com', error).message).toBe(
      'The exchange with files.example.com broke off: the transfer failed (TypeError).',
    );
  });
});
