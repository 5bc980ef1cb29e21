import { resolve } from 'node:path';
import type { Dispatcher } from 'undici';
import type { Connection } from '../activities/index.js';
import { createClariApi } from '../clari/clari-api.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { configDigest } from '../config/digest.js';
import type { ConnectionSettings, Settings } from '../config/settings.js';
import { createDuckDbDestination } from '../destinations/duckdb/duckdb-destination.js';
import type { Destination } from '../destinations/port.js';
import { createLinkRules, type LinkRules } from '../download/link-rules.js';
import { createDispatcher } from '../http/dispatcher.js';
import { ExportError } from '../model/export-error.js';
import { failures } from '../model/failures.js';
import { createRedactor } from '../redaction/redactor.js';
import type { StagingArea } from '../staging/port.js';
import { wrappingKey } from '../staging/wrapping-key.js';
import { keyBytes } from '../secrets/key-bytes.js';
import type { Secret } from '../secrets/port.js';
import type { SecretMask } from '../telemetry/secret-mask.js';
import { policyOfConnection } from './choose-policy.js';
import { openStaging } from './open-staging.js';

/** What the activities of one worker work with. */
export interface Parts {
  readonly dispatcher: Dispatcher;
  readonly linkRules: LinkRules;
  readonly connections: readonly Connection[];
  readonly staging: StagingArea;
  /** Closes the ways out; repeating it is an error of undici's. */
  close(): Promise<void>;
}

export type AdaptParts = (made: Parts) => Parts | Promise<Parts>;

export const asMade: AdaptParts = (made) => made;

/**
 * Makes the parts and tries each: what would fail every run fails the start instead.
 * @throws ConfigurationError with every fault at once
 */
export async function makeParts(settings: Settings, mask: SecretMask): Promise<Parts> {
  const faults = sharedDestinations(settings);
  const dispatcher = await tried(faults, () => createDispatcher());
  // The second one reads the same proxy variables: its fault would be the same.
  const linkRules = dispatcher && createLinkRules({ allowedHosts: settings.allowedLinkHosts });
  const destinations = new Map<string, Destination>();
  const made = await Promise.all(
    settings.connections.map((one) =>
      tried(faults, () => dispatcher && connect(settings, one, { dispatcher, mask, destinations })),
    ),
  );
  const connections = made.filter((one) => one !== undefined);
  const [staging] = await Promise.all([
    tried(faults, () => openStaging(settings.staging)),
    ...settings.accounts.map(({ token }) => tried(faults, () => token.read())),
    ...connections.map(({ redactor }) => tried(faults, () => redactor.keyMark())),
    ...connections.map(({ stagingKey }) => tried(faults, () => stagingKey())),
    ...[...destinations.values()].map((destination) => tried(faults, () => destination.check())),
  ]);
  const close = async (): Promise<void> => {
    await Promise.all([dispatcher?.close(), linkRules?.close()]);
  };
  if (faults.length > 0 || !dispatcher || !linkRules || !staging) {
    await close();
    throw new ConfigurationError([...new Set(faults)]);
  }
  return { dispatcher, linkRules, connections, staging, close };
}

/** An export is in a destination once: the connection that lands it last would take the snapshot away from the other one. */
function sharedDestinations({ connections }: Settings): string[] {
  return connections.flatMap(({ name, account, destination }, index) => {
    const before = connections
      .slice(0, index)
      .find((other) => other.account === account && resolve(other.destination.path) === resolve(destination.path));
    return before
      ? [
          `connection ${name}: lands exports of account ${account} where connection ${before.name} does; ` +
            'give each a destination of its own',
        ]
      : [];
  });
}

/** What `make` gives; a fault that the package knows is noted instead of thrown. */
async function tried<T>(faults: string[], make: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ConfigurationError) faults.push(...error.faults);
    else if (!(error instanceof ExportError)) throw error;
    // Somebody who reads the database at this moment will not be there for ever.
    else if (error.type !== 'DestinationBusy') faults.push(`${error.message} ${failures[error.type].remedy}`);
    return undefined;
  }
}

interface Shared {
  readonly dispatcher: Dispatcher;
  readonly mask: SecretMask;
  readonly destinations: Map<string, Destination>;
}

async function connect(
  settings: Settings,
  connection: ConnectionSettings,
  { dispatcher, mask, destinations }: Shared,
): Promise<Connection> {
  const account = settings.accounts.find(({ name }) => name === connection.account);
  if (!account) throw new ConfigurationError([`connection ${connection.name}: names no account`]);
  const { name, environment, redactionKey, forecasts, hold } = connection;
  const { policy, remarks } = await policyOfConnection(connection);
  const key = redactionKey && {
    name: redactionKey.name,
    version: redactionKey.version,
    bytes: () => keyBytes(mask.watch(redactionKey.secret), 'RedactionKeyUnusable'),
  };
  const { memoryLimitMb, stagingKey } = settings;
  const wrapping = stagingKey ? usableStagingKey(mask.watch(stagingKey)) : key?.bytes;
  const redactor = createRedactor({ policy, memoryLimitMb, ...(key ? { key } : {}) });
  const { path } = connection.destination;
  const destination = destinations.get(path) ?? createDuckDbDestination({ path, memoryLimitMb });
  destinations.set(path, destination);
  return {
    name,
    account: account.name,
    environment,
    policy: policy.name,
    policyRemarks: remarks,
    configDigest: configDigest(settings, connection, account, redactor.policyMark),
    forecasts,
    hold,
    organisationIsFixed: account.orgId !== undefined,
    clari: createClariApi({
      baseUrl: account.baseUrl,
      token: mask.watch(account.token),
      allowInsecure: settings.allowedLinkHosts,
      dispatcher,
      ...(account.orgId === undefined ? {} : { orgId: account.orgId }),
    }),
    redactor,
    destination,
    stagingKey: wrappingKey(wrapping),
  };
}

const MIN_STAGING_KEY = 32;

function usableStagingKey(secret: Secret): () => Promise<Uint8Array> {
  return async () => {
    const bytes = await keyBytes(secret, 'SecretUnavailable');
    if (bytes.length >= MIN_STAGING_KEY) return bytes;
    throw new ExportError(
      'SecretUnavailable',
      `The staging key ${secret.reference} has ${bytes.length} bytes; at least ${MIN_STAGING_KEY} are needed (openssl rand -hex 32).`,
    );
  };
}
