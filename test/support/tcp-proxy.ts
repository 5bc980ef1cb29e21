import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a proxy does with its connections, old and new. */
export type Line = 'open' | 'cut' | 'silent' | 'slow';

/** What a slow line passes at a time in each direction of a connection, and how often. */
const SLOW = { bytes: 512, everyMs: 40 } as const;

/**
 * A TCP proxy on 127.0.0.1 whose line can be cut (connections are reset), go silent (they stay open, and nothing passes) or slow
 * (some 12 KB a second).
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #line: Line = 'open';

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => {
      if (this.#line === 'cut') {
        client.resetAndDestroy();
        return;
      }
      const upstream = connect(target.port, target.host);
      const pair = [client, upstream] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [pair, [upstream, client] as const]) {
        const resume = (): unknown => this.#line === 'silent' || from.resume();
        from.on('data', (chunk: Buffer) => {
          if (this.#line !== 'slow') {
            if (!to.write(chunk)) from.pause();
            return;
          }
          from.pause();
          to.write(chunk.subarray(0, SLOW.bytes));
          if (chunk.length > SLOW.bytes) from.unshift(chunk.subarray(SLOW.bytes));
          setTimeout(resume, SLOW.everyMs);
        });
        to.on('drain', resume);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          to.destroy();
          this.#pairs.delete(pair);
        });
      }
      if (this.#line === 'silent') hush(pair);
    });
  }

  /** `target`: HOST:PORT. `at`: port to listen on, by default a free one. */
  static async start(target: string, at = 0): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(`tcp://${target}`);
    const proxy = new TcpProxy({ host, port: Number(port) });
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(at, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** HOST:PORT for clients. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  set(line: Line): void {
    this.#line = line;
    for (const pair of this.#pairs) {
      if (line === 'cut') for (const socket of pair) socket.resetAndDestroy();
      else if (line === 'silent') hush(pair);
      else for (const socket of pair) socket.resume();
    }
  }

  close(): Promise<void> {
    this.set('cut');
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function hush(pair: readonly Socket[]): void {
  for (const socket of pair) socket.pause();
}
