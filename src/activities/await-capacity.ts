import { Context } from '@temporalio/activity';
import { longestLookMs } from '../model/capacity-wait.js';
import { ExportError } from '../model/export-error.js';
import type { CapacityShortage, RunContext } from '../model/steps.js';
import { shortageIn } from './capacity.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { pollDelay } from './poll-delay.js';

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
      const longest = longestLookMs(limit, input.waits);
      const retryAfterMs = limit === 'unknown' ? longest : pollDelay(look, longest);
      const what =
        limit === 'unknown'
          ? 'Clari refused the export for lack of room, and its limits do not say which'
          : `The ${limit} limit${of === null ? '' : ` of ${of}`} is reached`;
      throw new ExportError('NoCapacity', `${what}; looked at ${look} time(s).`, { retryAfterMs });
    });
}
