import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { policyOfConnection, type ChosenPolicy } from '../../src/worker/choose-policy.js';
import { checkout } from '../support/child.js';

const ANALYSTS = `file:${path.join(checkout, 'test/promises/private/analysts.policy.yaml')}`;
const BECAUSE = 'CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION';

function choose(policy: string, environment: string | undefined, reason = ''): Promise<ChosenPolicy> {
  const [connection] = settingsFromEnvironment({
    CLARI_API_KEY: 'not-a-real-token',
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
    CLARI_POLICY: policy,
    CLARI_ENVIRONMENT: environment,
    [BECAUSE]: reason,
  }).connections;
  if (!connection) throw new Error('There is a connection.');
  return policyOfConnection(connection);
}

async function faultsOf(chosen: Promise<ChosenPolicy>): Promise<readonly string[]> {
  const error: unknown = await chosen.catch((thrown: unknown) => thrown);
  return error instanceof ConfigurationError ? error.faults : [];
}

describe('in production', () => {
  test.each(['keyed', 'production', 'brief', ANALYSTS])('%s may be used', async (policy) => {
    const { policy: chosen, remarks } = await choose(policy, 'production', 'a reason that is not needed');
    expect(chosen.name).toBe(policy === ANALYSTS ? 'analysts' : policy);
    expect(remarks).toHaveLength(policy === 'brief' ? 1 : 0);
  });
});

describe.each(['staging', 'Production', 'prod', undefined])('in %s, which is not production', (environment) => {
  test.each(['keyed', ANALYSTS])('%s may be used, and says nothing', async (policy) => {
    expect((await choose(policy, environment)).remarks).toEqual([]);
  });

  test('brief may be used, and says what it is', async () => {
    const { policy, remarks } = await choose('brief', environment);
    expect(policy).toBe(builtInPolicies.brief);
    expect(remarks).toEqual([
      expect.stringMatching(
        /unkeyed, reversible.* Names may land .* in forecast_entries\.updated_by, .*forecast_users\.extra,/,
      ),
    ]);
  });

  test('production is refused, with the columns, why, and each way out', async () => {
    const faults = await faultsOf(choose('production', environment));
    expect(faults).toEqual([
      expect.stringMatching(
        /names or e-mails \(.*forecast_users\.name, forecast_users\.email.*treat them by hmac, mask or drop/,
      ),
      expect.stringMatching(
        /exact amounts \(.*forecast_entries\.crm_total.*treat them by bucket with a step of at least 100/,
      ),
    ]);
    for (const fault of faults) {
      expect(fault).toContain(`connection default: the policy production lands`);
      expect(fault).toContain(`the environment "${environment ?? 'undeclared'}" is not production, where alone`);
      expect(fault).toMatch(
        /take the policy keyed, or set CLARI_ENVIRONMENT=production .* or say in CLARI_ALLOW_PERSONAL/,
      );
    }
  });

  test('production may be used for a reason, which it repeats', async () => {
    const { policy, remarks } = await choose('production', environment, 'the copy for the audit of 2027');
    expect(policy).toBe(builtInPolicies.production);
    expect(remarks).toEqual([
      `The policy production lands personal data in the environment "${environment ?? 'undeclared'}", allowed because: the copy for the audit of 2027`,
    ]);
  });
});

test('what the leak check leaves out, and why, is repeated', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'policy-'));
  try {
    const file = path.join(folder, 'ours.json');
    const exceptions = { 'forecast_fields.field_name': 'a field is called as a service user is' };
    await writeFile(file, JSON.stringify({ name: 'ours', version: 1, extends: 'keyed', leakCheck: { exceptions } }));
    expect((await choose(`file:${file}`, 'staging')).remarks).toEqual([
      'The leak check leaves forecast_fields.field_name out, because: a field is called as a service user is',
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
