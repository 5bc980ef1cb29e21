import type { ClaimAnswer, LedgerEntry } from '../model/account.js';
import type { AccountLedger } from './account-ledger.js';

/** A job as old as this is not what somebody expects who asks for the state of now. */
const OLD_MS = 10 * 60_000;

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

/** What a run is to be told that has joined an older job for which no other run waits: those that did were terminated. */
export async function leftBehind(
  ledger: AccountLedger,
  account: string,
  { exportId, joined, others, ageMs }: Extract<ClaimAnswer, { action: 'use' }>,
): Promise<readonly string[]> {
  if (!joined || ageMs < OLD_MS) return [];
  if (await forgetGone(ledger, account, { exportId }, others)) return [];
  return [
    `The job was made ${Math.floor(ageMs / 60_000)} minutes before for a run that is gone: for the state of now, start again with fresh: true.`,
  ];
}
