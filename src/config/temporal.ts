import { existsSync } from 'node:fs';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { ConfigurationError } from './configuration-error.js';
import type { Environment } from '../secrets/environment.js';

export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  readonly connection: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';

/**
 * How to reach Temporal: the same variables and file (profiles) as the `temporal` command line, by the SDK's own reader.
 *
 * @throws ConfigurationError for what that reader would pass over in silence
 */
export function temporalSettings(environment: Environment): TemporalSettings {
  const faults: string[] = [];
  const tls = environment.TEMPORAL_TLS;
  // The SDK takes any other spelling for "no TLS", even with an API key, which then goes over the wire in clear text.
  if (tls && !['1', 'true', '0', 'false'].includes(tls)) {
    faults.push('TEMPORAL_TLS: must be exactly 1, true, 0 or false');
  }
  const file = environment.TEMPORAL_CONFIG_FILE;
  if (file && !existsSync(file)) faults.push('TEMPORAL_CONFIG_FILE: names a file that does not exist');
  if (faults.length > 0) throw new ConfigurationError(faults);
  const overrideEnvVars = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars });
    if (connectionOptions.apiKey && connectionOptions.tls === false) {
      faults.push('TEMPORAL_TLS: is off while an API key is set, which would send the key in clear text');
      throw new ConfigurationError(faults);
    }
    return {
      address: connectionOptions.address ?? DEFAULT_ADDRESS,
      namespace: namespace ?? 'default',
      connection: { address: DEFAULT_ADDRESS, ...connectionOptions },
    };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError([
      `Temporal's configuration can not be read (${environment.TEMPORAL_PROFILE ? 'TEMPORAL_PROFILE, ' : ''}TEMPORAL_CONFIG_FILE): check that the file is TOML and has the profile`,
    ]);
  }
}
