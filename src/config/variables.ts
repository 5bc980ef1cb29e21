/** Every variable that configures a worker: the README's table is checked against this one. */
export interface Variable {
  readonly default: string | null;
  readonly description: string;
}

export const variables = {
  CLARI_API_KEY: {
    default: null,
    description: 'Clari API token (User Settings > API Token). Required, unless one of the next two is set.',
  },
  CLARI_API_KEY_FILE: {
    default: null,
    description: 'File that holds the token; read at each use, so a replaced file takes effect without a restart.',
  },
  CLARI_API_KEY_FROM: {
    default: null,
    description:
      'Where the token is kept (docs/secrets.md): `aws-secretsmanager:ID`, `exec:COMMAND`, `file:/PATH` or `env:NAME`. A new one takes effect without a restart.',
  },
  CLARI_BASE_URL: { default: 'https://api.clari.com/v4', description: 'Clari’s API, with its version prefix.' },
  CLARI_ORG_ID: {
    default: null,
    description: 'Organisation that the token must belong to; another one’s token stops the run.',
  },
  CLARI_COPILOT_CLIENT_ID: {
    default: null,
    description: 'Copilot client id; checked now, used once Copilot exports exist.',
  },
  CLARI_COPILOT_CLIENT_SECRET: { default: null, description: 'Copilot client secret; goes with the client id.' },
  CLARI_FORECASTS: {
    default: null,
    description: 'Forecast ids, separated by commas, for tenants whose Clari lists none.',
  },
  CLARI_ENVIRONMENT: {
    default: 'undeclared',
    description: '`production`, or any other word. Undeclared is not production.',
  },
  CLARI_POLICY: {
    default: null,
    description:
      'Redaction policy: `keyed`, `production`, `brief`, or `file:PATH` for one of your own. Default `production` in production, else `keyed`.',
  },
  CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: {
    default: null,
    description:
      'Why names, e-mails or exact amounts may land outside production (10 to 200 characters). Without a reason, a policy that lands them is refused there. Logged, and in each receipt.',
  },
  CLARI_REDACTION_KEY: {
    default: null,
    description: 'Key of pseudonyms, at least 32 bytes (`openssl rand -hex 32`). Required by `keyed`.',
  },
  CLARI_REDACTION_KEY_FILE: { default: null, description: 'File that holds the key.' },
  CLARI_REDACTION_KEY_FROM: { default: null, description: 'Where the key is kept, as for CLARI_API_KEY_FROM.' },
  CLARI_REDACTION_KEY_NAME: { default: 'default', description: 'Name of the key, for the receipt.' },
  CLARI_REDACTION_KEY_VERSION: {
    default: '1',
    description: 'Version of the key, for the receipt: raise it with each new key.',
  },
  CLARI_DESTINATION: { default: 'duckdb:warehouse.duckdb', description: 'Where rows land: `duckdb:PATH`.' },
  CLARI_STAGING_DIR: {
    default: 'staging',
    description:
      'Folder for bytes between two steps of a run, emptied at its end; or `s3://BUCKET/PREFIX`, a bucket that all workers share.',
  },
  CLARI_STAGING_S3_ENDPOINT: {
    default: null,
    description: 'URL of an S3 server other than AWS’s, for staging in a bucket.',
  },
  CLARI_STAGING_S3_REGION: {
    default: null,
    description: 'Region of the staging bucket. Default: the one that the AWS SDK finds (AWS_REGION).',
  },
  CLARI_STAGING_S3_ENCRYPTION: {
    default: 'AES256',
    description:
      'Server-side encryption that is asked for, on top of our own: `AES256`, or `bucket` for what the bucket is set to (KMS).',
  },
  CLARI_STAGING_LIMIT_MB: {
    default: null,
    description:
      'What all runs together may have in staging, in MiB, with the files that are on a machine for a while; a run that would not fit waits. Default: no limit.',
  },
  CLARI_STAGING_KEY: {
    default: null,
    description:
      'Encrypts what is staged (at least 32 bytes of text). Default: derived from the redaction key; without one, a key that a restart forgets, so that downloads begin anew.',
  },
  CLARI_STAGING_KEY_FILE: { default: null, description: 'File that holds the key.' },
  CLARI_STAGING_KEY_FROM: { default: null, description: 'Where the key is kept, as for CLARI_API_KEY_FROM.' },
  CLARI_TASK_QUEUE: { default: 'clari', description: 'Base name of the task queues; the one to start workflows on.' },
  CLARI_ALLOWED_LINK_HOSTS: {
    default: null,
    description:
      'Hosts (`host` or `host:port`), separated by commas, that download links and CLARI_BASE_URL may name although private or not https.',
  },
  CLARI_ACTIVITY_LIMITS: {
    default: null,
    description:
      'JSON that changes the table of activity limits, in seconds: `{"awaitExport":{"scheduleToClose":43200}}`.',
  },
  CLARI_RUN_DEADLINE: { default: '172800', description: 'Bound on a whole run, in seconds (600 to 2592000).' },
  CLARI_HOLD_CHANGE_PERCENT: {
    default: '50',
    description:
      'An export whose rows, users or amounts differ from the last snapshot by more percent is held until somebody accepts it (0 to 1000; 0: never).',
  },
  CLARI_HOLD_HOURS: { default: '24', description: 'How long it is held before the run fails (1 to 720).' },
  CLARI_MEMORY_LIMIT_MB: {
    default: '320',
    description: 'Memory of one redaction or load inside DuckDB, in MiB (256 to 65536).',
  },
  CLARI_LOG_LEVEL: { default: 'info', description: '`trace`, `debug`, `info`, `warn` or `error`.' },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;
