import { Context } from '@temporalio/activity';
import { longestLookMs, placeKeptMs } from '../model/capacity-wait.js';
import type { AwaitCapacityInput } from '../model/steps.js';
import { noRoom, shortageIn } from './capacity.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';

/** While the month has no room at all, a place in line is kept for so many looks, which are far from each other then. */
const LOOKS_A_PLACE = 4;

/** Answers when Clari has room for this export beside those that came before it; until then each attempt says "not yet". */
export function awaitCapacity(dependencies: ActivityDependencies) {
  return (input: AwaitCapacityInput): Promise<void> =>
    attempt(async ({ signal }) => {
      const { clari, account } = connectionOf(dependencies, input);
      const { attempt: look } = Context.current().info;
      const limits = await clari.limits(signal);
      const alone = limits ? shortageIn(limits, 0) : input.shortage;
      // Where there is room for nobody, who comes first is of no account: the place is kept, and not asked for each time.
      const looks = alone?.limit === 'monthly' ? LOOKS_A_PLACE : 1;
      const keeps = !alone || look % looks === 1 % looks;
      const withinMs = placeKeptMs(longestLookMs(alone, look) * looks);
      const { ahead } = keeps
        ? await dependencies.ledger.line(account, { requester: input.requester, withinMs })
        : input.shortage;
      // A tenant without limits refuses for a reason that can't be read: it is asked again after one wait.
      const shortage = limits && shortageIn(limits, ahead);
      if (!shortage && (look > 1 || input.shortage.limit !== 'unknown')) return;
      throw noRoom(shortage ?? input.shortage, look);
    });
}
