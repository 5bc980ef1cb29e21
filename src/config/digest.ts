import { createHash } from 'node:crypto';
import type { PolicyMark } from '../model/receipt.js';
import type { AccountSettings, ConnectionSettings, Settings } from './settings.js';

/** First 16 hex digits of the SHA-256 of all that decides what a run does and where it goes; secrets count by reference. */
export function configDigest(
  settings: Settings,
  connection: ConnectionSettings,
  account: AccountSettings,
  policy: PolicyMark,
): string {
  const { baseUrl, orgId, token } = account;
  const { name, environment, personalAllowedBecause, redactionKey, destination, forecasts, hold } = connection;
  const facts = {
    account: { name: account.name, baseUrl, orgId: orgId ?? null, token: token.reference },
    connection: {
      name,
      environment,
      // Not where its file is, which may differ between workers.
      policy: policy.name,
      policyDigest: policy.digest,
      ...(personalAllowedBecause === undefined ? {} : { personalAllowedBecause }),
      key: redactionKey ? [redactionKey.name, redactionKey.version, redactionKey.secret.reference] : null,
      destination,
      forecasts,
      holdChangePercent: hold.changePercent,
    },
    links: settings.allowedLinkHosts,
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
