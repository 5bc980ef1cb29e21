import { createServer } from 'node:net';
import { TemporalToolError } from './errors.js';

/**
 * A free port of 127.0.0.1, or `wanted` if that is free. Somebody else may take it before it is used.
 *
 * @throws TemporalToolError when `wanted` is taken: whoever listens there must not be mistaken for the server to come.
 */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () => {
      reject(
        new TemporalToolError(`Port ${wanted} of 127.0.0.1 is in use: end what listens there, or take another port.`),
      );
    });
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
