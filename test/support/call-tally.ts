import { once } from 'node:events';
import { connect, constants, createServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A way to a Temporal server on which calls are counted by name: heartbeats, say, stand in no history. */
export class CallTally {
  readonly #counts = new Map<string, number>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #server = createServer();

  private constructor(target: string) {
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      this.#forward(session, target);
    });
  }

  /** `target`: HOST:PORT of a server without TLS. */
  static async start(target: string): Promise<CallTally> {
    const tally = new CallTally(target);
    tally.#server.listen(0, '127.0.0.1');
    await once(tally.#server, 'listening');
    return tally;
  }

  /** HOST:PORT for clients and workers. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often a method of the service was called: `RecordActivityTaskHeartbeat`, say. */
  of(method: string): number {
    return this.#counts.get(method) ?? 0;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(session: ServerHttp2Session, target: string): void {
    const upstream = connect(`http://${target}`);
    upstream.on('error', () => session.destroy());
    session.on('error', () => undefined);
    session.on('close', () => {
      upstream.destroy();
      this.#sessions.delete(session);
    });
    session.on('stream', (stream, headers) => {
      const method = headers[':path']?.split('/').at(-1) ?? '';
      this.#counts.set(method, this.of(method) + 1);
      const call = upstream.request(headers);
      let trailers: IncomingHttpHeaders = {};
      call.on('trailers', (last: IncomingHttpHeaders) => {
        trailers = last;
      });
      call.on('response', (answer, flags) => {
        // A call that fails at once has its status among the headers, and no body.
        const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
        stream.respond(answer, { endStream, waitForTrailers: !endStream });
        if (!endStream) call.pipe(stream);
      });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.pipe(call);
      for (const [from, to] of [[call, stream] as const, [stream, call] as const]) {
        from.on('error', () => undefined);
        // Polls that a worker gives up must not take its tasks.
        from.on('close', () => {
          if (!to.closed && from.rstCode) to.close(from.rstCode);
        });
      }
    });
  }
}
