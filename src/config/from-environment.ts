import { z } from 'zod';
import { checkLimitOverrides, type ActivityLimitOverrides } from '../model/activity-limits.js';
import { DEFAULT_TASK_QUEUE } from '../model/task-queues.js';
import type { Environment } from '../secrets/environment.js';
import { ConfigurationError } from './configuration-error.js';
import { givenVariables, isSecretGiven, misspeltVariables, secretOf } from './given-variables.js';
import { defaultPolicy, redactionRules, redactionSettings } from './redaction.js';
import { logLevels, type Settings } from './settings.js';
import { stagingFaults, stagingRules, stagingSettings } from './staging.js';
import { variables } from './variables.js';

const name = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** The rule of each variable; secrets have rules of their own below. */
const rules = z.object({
  CLARI_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as https://api.clari.com/v4' })
    .default(variables.CLARI_BASE_URL.default),
  CLARI_ORG_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the organisation’s id as Clari gives it')
    .optional(),
  CLARI_FORECASTS: list.default([]),
  ...redactionRules,
  CLARI_DESTINATION: z
    .string()
    .regex(/^duckdb:.+$/, 'must be duckdb:PATH')
    .default(variables.CLARI_DESTINATION.default),
  ...stagingRules,
  CLARI_STAGING_LIMIT_MB: wholeNumber(64, 1_048_576_000).optional(),
  CLARI_TASK_QUEUE: z.string().regex(name, 'must be letters, digits, _ and - only').default(DEFAULT_TASK_QUEUE),
  CLARI_ALLOWED_LINK_HOSTS: list.default([]),
  CLARI_ACTIVITY_LIMITS: z.string().default('{}').transform(parseLimits),
  CLARI_RUN_DEADLINE: wholeNumber(600, 2_592_000).default(172_800),
  CLARI_HOLD_CHANGE_PERCENT: wholeNumber(0, 1000).default(50),
  CLARI_HOLD_HOURS: wholeNumber(1, 720).default(24),
  CLARI_MEMORY_LIMIT_MB: wholeNumber(256, 65_536).default(320),
  CLARI_LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
});

/**
 * Settings of one connection, `default`, from environment variables.
 *
 * @throws ConfigurationError that lists every fault, each with the variable and the rule; never a value
 */
export function settingsFromEnvironment(environment: Environment): Settings {
  const given = givenVariables(environment);
  const faults = misspeltVariables(given);
  const token = secretOf(given, 'CLARI_API_KEY', faults);
  const key = secretOf(given, 'CLARI_REDACTION_KEY', faults);
  const stagingKey = secretOf(given, 'CLARI_STAGING_KEY', faults);
  if (!token && faults.every((fault) => !fault.startsWith('CLARI_API_KEY'))) {
    faults.push(
      'CLARI_API_KEY: is missing; make a token in Clari under User Settings > API Token (or set CLARI_API_KEY_FILE or CLARI_API_KEY_FROM)',
    );
  }
  if ('CLARI_COPILOT_CLIENT_ID' in given !== 'CLARI_COPILOT_CLIENT_SECRET' in given) {
    faults.push('CLARI_COPILOT_CLIENT_ID: goes with CLARI_COPILOT_CLIENT_SECRET; set both or neither');
  }
  faults.push(...stagingFaults(given));
  const parsed = rules.safeParse(given);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  checkKeyOfPolicy(given, faults);
  if (faults.length > 0 || !token || !parsed.success) throw new ConfigurationError(faults);
  const { data } = parsed;
  const { key: mark, ...choice } = redactionSettings(data);

  return {
    taskQueue: data.CLARI_TASK_QUEUE,
    staging: stagingSettings(data),
    stagingKey,
    accounts: [{ name: 'default', baseUrl: data.CLARI_BASE_URL, orgId: data.CLARI_ORG_ID, token }],
    connections: [
      {
        name: 'default',
        account: 'default',
        ...choice,
        redactionKey: key && { ...mark, secret: key },
        destination: { kind: 'duckdb', path: data.CLARI_DESTINATION.slice('duckdb:'.length) },
        forecasts: data.CLARI_FORECASTS,
        hold: { changePercent: data.CLARI_HOLD_CHANGE_PERCENT, seconds: data.CLARI_HOLD_HOURS * 3600 },
      },
    ],
    allowedLinkHosts: data.CLARI_ALLOWED_LINK_HOSTS,
    limits: data.CLARI_ACTIVITY_LIMITS,
    deadline: data.CLARI_RUN_DEADLINE,
    memoryLimitMb: data.CLARI_MEMORY_LIMIT_MB,
    logLevel: data.CLARI_LOG_LEVEL,
  };
}

/** That the policy lacks its key is told even where a variable breaks its own rule. */
function checkKeyOfPolicy(given: Environment, faults: string[]): void {
  const policy = given.CLARI_POLICY ?? defaultPolicy(given.CLARI_ENVIRONMENT);
  if (policy === 'keyed' && !isSecretGiven(given, 'CLARI_REDACTION_KEY')) {
    faults.push(
      'CLARI_REDACTION_KEY: is missing; the keyed policy needs one of at least 32 characters (openssl rand -hex 32)',
    );
  }
}

function parseLimits(text: string, context: z.RefinementCtx): ActivityLimitOverrides {
  let overrides: unknown;
  try {
    overrides = JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
  for (const message of checkLimitOverrides(overrides)) context.addIssue({ code: 'custom', message });
  // Each entry was checked against the table above.
  return overrides as ActivityLimitOverrides;
}
