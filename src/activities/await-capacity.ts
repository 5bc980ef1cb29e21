import { Context } from '@temporalio/activity';
import { ExportError } from '../model/export-error.js';
import type { CapacityShortage, RunContext } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { pollDelay } from './poll-delay.js';
import { shortageIn } from './start-export.js';

/** Answers when Clari has room for one more export; until then each attempt says "not yet". */
export function awaitCapacity(dependencies: ActivityDependencies) {
  return (input: RunContext & { readonly shortage: CapacityShortage; readonly waits: number }): Promise<void> =>
    attempt(async ({ signal }) => {
      const limits = await connectionOf(dependencies, input).clari.limits(signal);
      // A tenant without limits refuses for a reason that can't be read: it is asked again after one wait.
      const shortage = limits ? shortageIn(limits) : undefined;
      const { attempt: look } = Context.current().info;
      if (!shortage && (look > 1 || input.shortage.limit !== 'unknown')) return;
      const { limit, of } = shortage ?? input.shortage;
      // Where nothing tells when there is room, it is asked again ever more seldom.
      const retryAfterMs =
        limit === 'unknown'
          ? Math.min(15, 2 ** input.waits) * 60_000
          : pollDelay(look, limit === 'monthly' ? 15 * 60_000 : 60_000);
      throw new ExportError(
        'NoCapacity',
        `The ${limit} limit${of === null ? '' : ` of ${of}`} is reached; looked at ${look} time(s).`,
        { retryAfterMs },
      );
    });
}
