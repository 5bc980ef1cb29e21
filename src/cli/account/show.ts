import { shownState, type AccountState } from '../../model/account.js';
import { formatTable } from '../format-table.js';

const SHOWN = 20;

/** The lease and the newest exports, as a table for the terminal. */
export function shownLedger({ account, lease, excessJobs, entries }: AccountState, now = Date.now()): string {
  const rows = entries
    .slice(-SHOWN)
    .reverse()
    .map((entry) => [
      entry.exportId,
      shownState(entry),
      entry.jobId ?? '',
      String(entry.active.length),
      new Date(entry.changedAt).toISOString().slice(0, 19),
    ]);
  const held = lease && `${lease.exportId}, for ${Math.round((now - lease.since) / 1000)} s, by ${lease.requester}`;
  return [
    `Account ${account}`,
    `Creation lease: ${held ?? 'free'}`,
    `Jobs made in excess: ${excessJobs}`,
    '',
    formatTable(['export', 'state', 'Clari job', 'runs', 'changed (UTC)'], rows),
    ...(entries.length > SHOWN ? [`... and ${entries.length - SHOWN} older ones (--json shows all)`] : []),
  ].join('\n');
}
