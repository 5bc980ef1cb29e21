import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const RETRY_EVERY_MS = 100;
const CONNECT_TIMEOUT_MS = 5_000;

export interface ServingExpectation {
  readonly address: string;
  readonly namespace: string;
  /** Names that the namespace must know; the server answers before it has registered those it was started with. */
  readonly searchAttributes: readonly string[];
}

/**
 * Waits until the server at `address` answers for the namespace and knows its search attributes.
 *
 * Returns false when `signal` ends the wait first; never throws for a server that is not there yet.
 */
export async function waitUntilServing(expected: ServingExpectation, signal: AbortSignal): Promise<boolean> {
  // A gRPC channel that meets a closed port waits a second before it looks again; a bare socket costs nothing.
  while (!(await acceptsConnections(expected.address))) {
    if (!(await pause(signal))) return false;
  }
  const ended = new Promise<false>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(false);
    });
  });
  while (!(await Promise.race([serves(expected).catch(() => false), ended]))) {
    if (!(await pause(signal))) return false;
  }
  return !signal.aborted;
}

async function serves({ address, namespace, searchAttributes }: ServingExpectation): Promise<boolean> {
  // Said outright: TEMPORAL_TLS and the like are for another server than this one.
  const connection = await Connection.connect({ address, tls: false, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    return await connection.withDeadline(Date.now() + CONNECT_TIMEOUT_MS, async () => {
      await connection.workflowService.describeNamespace({ namespace });
      if (searchAttributes.length === 0) return true;
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      return searchAttributes.every((name) => Object.hasOwn(customAttributes, name));
    });
  } finally {
    await connection.close();
  }
}

function acceptsConnections(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/** False when the wait is over. */
async function pause(signal: AbortSignal): Promise<boolean> {
  await delay(RETRY_EVERY_MS, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
