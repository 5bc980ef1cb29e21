import { ExportError } from '../model/export-error.js';
import type { RunContext, VerifiedAuth } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { jobsIfListed } from './reconcile.js';

/** Proves the token by a call that costs no quota, and the redaction key, so that nothing is spent on an export that can't land. */
export function verifyAuth(dependencies: ActivityDependencies) {
  return (input: RunContext): Promise<VerifiedAuth> =>
    attempt(async ({ signal }) => {
      const { clari, redactor, organisationIsFixed } = connectionOf(dependencies, input);
      await redactor.keyMark();
      // Neither of the calls below tells an organisation; the client compares the one that each job carries.
      if (organisationIsFixed) await jobsIfListed(clari, signal);
      // Tenants speak one of two dialects: each has one of these two, and neither costs an export.
      if (await clari.limits(signal)) return { provedBy: 'limits' };
      if (await clari.forecasts(signal)) return { provedBy: 'listing' };
      throw new ExportError(
        'EndpointNotFound',
        'Clari has neither /admin/limits nor /export/forecast/list at the configured address.',
      );
    });
}
