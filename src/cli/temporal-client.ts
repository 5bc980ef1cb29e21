import { Client, Connection } from '@temporalio/client';
import { readEnvFile } from '../config/env-file.js';
import { temporalSettings } from '../config/temporal.js';
import { failures } from '../model/failures.js';
import { CommandError } from './command-error.js';

/**
 * Runs `work` with a client of the namespace that Temporal's variables name.
 * @throws ConfigurationError; CommandError where the server can not be reached; what `work` throws
 */
export async function withTemporal<R>(work: (client: Client) => Promise<R>): Promise<R> {
  readEnvFile();
  const { address, namespace, connection: options } = temporalSettings(process.env);
  const connection = await Connection.connect(options).catch(() => {
    throw new CommandError(
      `Temporal can not be reached at ${address}: check TEMPORAL_ADDRESS, and that the server runs.`,
      failures.ConfigurationInvalid.exitCode,
    );
  });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
