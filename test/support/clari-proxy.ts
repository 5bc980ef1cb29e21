import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a proxy does with one request in place of passing it on. */
export interface Detour {
  readonly fits: (method: string, path: string) => boolean;
  /**
   * `lose-request`: the connection goes before Clari sees anything. `lose-answer`: Clari has answered, the client never hears it.
   * `hold`: half of the body, then silence. A function: another body.
   */
  readonly does: 'lose-request' | 'lose-answer' | 'hold' | ((body: Buffer) => Buffer);
  /** Called when Clari has answered, before anything is done about it. */
  readonly onAnswer?: () => void;
}

/** An HTTP proxy in front of the fake’s API, to spoil single requests on their way. */
export class ClariProxy {
  /** `METHOD /path` of all that a client asked, spoilt or not. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #target: URL;
  #detours: Detour[] = [];
  #held: (() => void) | undefined;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start(apiUrl: string): Promise<ClariProxy> {
    const proxy = new ClariProxy(new URL(apiUrl));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Base URL for a client, with the prefix of the fake. */
  get apiUrl(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#target.pathname}`;
  }

  /** Spoils the next request that fits, and only that one; resolves once half of a held body is out. */
  spoilNext(detour: Detour): Promise<void> {
    this.#detours.push(detour);
    return new Promise((resolve) => {
      this.#held = resolve;
    });
  }

  posts(): number {
    return this.asked.filter((line) => line.startsWith('POST ')).length;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    this.asked.push(`${method} ${url}`);
    const detour = this.#detours.find(({ fits }) => fits(method, url));
    this.#detours = this.#detours.filter((other) => other !== detour);
    const body = await bytesOf(request);
    if (detour?.does === 'lose-request') {
      request.socket.destroy();
      return;
    }
    const answer = await this.#forward(request, body);
    detour?.onAnswer?.();
    if (detour?.does === 'lose-answer') {
      request.socket.destroy();
      return;
    }
    const sent = typeof detour?.does === 'function' ? detour.does(answer.body) : answer.body;
    response.writeHead(answer.status, { ...answer.headers, 'content-length': sent.length });
    if (detour?.does !== 'hold') {
      response.end(sent);
      return;
    }
    response.write(sent.subarray(0, sent.length >> 1), () => this.#held?.());
  }

  #forward(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
    const { hostname, port } = this.#target;
    return new Promise((resolve, reject) => {
      const forwarded = httpRequest({ hostname, port, method, path: url, headers }, (answer) => {
        const type = answer.headers['content-type'];
        bytesOf(answer).then(
          (bytes) =>
            resolve({
              status: answer.statusCode ?? 502,
              headers: type === undefined ? {} : { 'content-type': type },
              body: bytes,
            }),
          reject,
        );
      });
      forwarded.on('error', reject);
      forwarded.end(body);
    });
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
