import type { ClariApi } from '../clari/port.js';
import type { HoldSettings } from '../config/settings.js';
import type { Destination } from '../destinations/port.js';
import type { LinkRules } from '../download/link-rules.js';
import type { ActivityLimitOverrides } from '../model/activity-limits.js';
import { ExportError } from '../model/export-error.js';
import type { RunContext } from '../model/steps.js';
import type { TaskQueues } from '../model/task-queues.js';
import type { Redactor } from '../redaction/port.js';
import type { StagingArea } from '../staging/port.js';
import type { WrappingKey } from '../staging/run-key.js';
import type { Dispatcher } from 'undici';
import type { AccountLedger } from './account-ledger.js';
import type { ReconcilingTimes } from './reconcile.js';
import type { Turnstile } from './turnstile.js';

/** What the activities are made from: the ports, put together by the composition root. */
export interface ActivityDependencies {
  readonly connections: ReadonlyMap<string, Connection>;
  readonly queues: TaskQueues;
  readonly limits: ActivityLimitOverrides;
  /** Bound on a whole run, in seconds. */
  readonly deadline: number;
  readonly staging: StagingArea;
  readonly ledger: AccountLedger;
  readonly http: {
    readonly dispatcher: Dispatcher;
    readonly linkRules: LinkRules;
    /** Bound on the silence of a download, in milliseconds. Default 60 000. */
    readonly idleTimeoutMs?: number;
  };
  /** One redaction and one load at a time: more would break the bound on memory. */
  readonly turnstiles: { readonly redaction: Turnstile; readonly load: Turnstile };
  readonly reconciling: ReconcilingTimes;
}

/** One connection with everything that it names, ready for use. */
export interface Connection {
  readonly name: string;
  readonly account: string;
  readonly environment: string;
  /** Its name. */
  readonly policy: string;
  /** What each receipt says of the policy, in sentences. */
  readonly policyRemarks: readonly string[];
  readonly configDigest: string;
  readonly forecasts: readonly string[];
  readonly hold: HoldSettings;
  /** Whether the operator says which organisation the token must be of. */
  readonly organisationIsFixed: boolean;
  readonly clari: ClariApi;
  readonly redactor: Redactor;
  readonly destination: Destination;
  /** Under it lies what the connection's runs have in staging. */
  readonly stagingKey: WrappingKey;
}

/**
 * The connection of a run.
 * @throws ExportError `UnknownConnection`; `ConfigurationChanged` where the run began under another configuration
 */
export function connectionOf(dependencies: ActivityDependencies, context: RunContext): Connection {
  const connection = connectionNamed(dependencies, context.connection);
  if (connection.configDigest !== context.configDigest) {
    throw new ExportError(
      'ConfigurationChanged',
      'The worker’s configuration is not the one that this run began under.',
    );
  }
  return connection;
}

export function connectionNamed({ connections }: ActivityDependencies, name: string): Connection {
  const connection = connections.get(name);
  if (connection) return connection;
  throw new ExportError(
    'UnknownConnection',
    `There is no connection of that name; there are: ${[...connections.keys()].join(', ')}.`,
  );
}
