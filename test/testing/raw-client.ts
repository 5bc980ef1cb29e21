import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  readonly method?: string;
  /** Sent as it is, in place of the one in the address. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request on a socket of its own, so that a test sees the bytes and the end of the connection as they come. */
export class RawAnswer {
  /** `closed`: as TCP ends a connection. `reset`: it broke. Undefined while it is open. */
  end: 'closed' | 'reset' | undefined;
  #bytes = Buffer.alloc(0);
  readonly #socket;
  #wake: () => void = () => undefined;

  constructor(url: string, { method = 'GET', path, headers = {}, body = '' }: RawRequest) {
    const { hostname, port, pathname, search } = new URL(url);
    this.#socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    this.#socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    this.#socket.on('error', () => this.#ended('reset'));
    // A reset that comes together with data is told as an end; but then nothing can be written any more.
    this.#socket.on('end', () => {
      this.#socket.write('\n', (error) => this.#ended(error ? 'reset' : 'closed'));
    });
    const all = { host: hostname, 'content-length': String(Buffer.byteLength(body)), ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${method} ${path ?? pathname + search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }

  /** Bytes of the body that are here, with the frames of a chunked one; undefined as long as the headers are not. */
  get body(): Buffer | undefined {
    const at = this.#bytes.indexOf('\r\n\r\n');
    return at === -1 ? undefined : this.#bytes.subarray(at + 4);
  }

  /** Status and headers, names in lower case. */
  async head(): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>> }> {
    await this.#until(() => this.body !== undefined);
    const [first = '', ...lines] = this.#bytes.subarray(0, this.#bytes.indexOf('\r\n\r\n')).toString().split('\r\n');
    const headers = lines.map((line) => [line.split(': ')[0]?.toLowerCase(), line.slice(line.indexOf(': ') + 2)]);
    return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers) as Record<string, string> };
  }

  /** The body, once it has this many bytes. */
  async bodyOf(bytes: number): Promise<Buffer> {
    await this.#until(() => (this.body?.length ?? -1) >= bytes);
    return this.body ?? Buffer.alloc(0);
  }

  /** How the connection ends; what came before is in `body`. */
  async ending(): Promise<'closed' | 'reset'> {
    await this.#until(() => false).catch(() => undefined);
    return this.end ?? 'closed';
  }

  /** Goes away in the middle, as a client that gives up. */
  async leave(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  #ended(how: 'closed' | 'reset'): void {
    this.end ??= how;
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.end !== undefined) throw new Error(`the connection was ${this.end} too early`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Sends a request and leaves everything else to who reads the answer; the test's end closes the connection. */
export function rawAsk(url: string, request: RawRequest = {}): RawAnswer {
  const answer = new RawAnswer(url, request);
  onTestFinished(() => {
    void answer.leave();
  });
  return answer;
}

/** Frames of a chunked body taken off; the last one may be missing. */
export function unchunked(body: Buffer): { readonly content: Buffer; readonly terminated: boolean } {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const line = body.indexOf('\r\n', at);
    const size = line === -1 ? -1 : Number.parseInt(body.toString('latin1', at, line), 16);
    if (size <= 0) return { content: Buffer.concat(pieces), terminated: size === 0 };
    pieces.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
