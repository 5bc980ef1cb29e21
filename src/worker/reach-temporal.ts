import { Client, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { ConfigurationError } from '../config/configuration-error.js';
import type { TemporalSettings } from '../config/temporal.js';

const ANSWER_MS = 10_000;
/** gRPC's number for it. */
const NOT_FOUND = '5';

/**
 * Connects to Temporal and makes sure that the namespace is there.
 * @throws ConfigurationError; a failed connection is never a reason to try localhost instead
 */
export async function reachTemporal({
  address,
  namespace,
  connection: options,
}: TemporalSettings): Promise<NativeConnection> {
  const connection = await NativeConnection.connect(options).catch(() => {
    throw new ConfigurationError([
      `Temporal can not be reached at ${address}: check TEMPORAL_ADDRESS, TLS and API key, and that the server runs (temporal server start-dev)`,
    ]);
  });
  try {
    const client = new Client({ connection, namespace });
    await client.withDeadline(Date.now() + ANSWER_MS, () => client.workflowService.describeNamespace({ namespace }));
    return connection;
  } catch (error) {
    await connection.close();
    const missing = isGrpcServiceError(error) && String(error.code) === NOT_FOUND;
    throw new ConfigurationError([
      missing
        ? `TEMPORAL_NAMESPACE: the server at ${address} has no namespace "${namespace}"; make it (temporal operator namespace create --namespace ${namespace}) or name another`
        : `Temporal at ${address} does not let this worker use namespace "${namespace}": check TEMPORAL_NAMESPACE, TLS and API key`,
    ]);
  }
}
