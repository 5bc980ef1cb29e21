import type { LedgerEntry } from '../model/account.js';
import type { AccountLedger } from './account-ledger.js';

/**
 * Takes runs out of an export that are over: one that was terminated could not say that it waits no more.
 * @returns whether one of them goes on
 */
export async function forgetGone(
  ledger: AccountLedger,
  account: string,
  { exportId }: Pick<LedgerEntry, 'exportId'>,
  requesters: readonly string[],
): Promise<boolean> {
  let goesOn = false;
  for (const requester of requesters) {
    if (await ledger.isUnderWay(requester)) goesOn = true;
    else await ledger.settle(account, { exportId, requester, state: 'ended' });
  }
  return goesOn;
}
