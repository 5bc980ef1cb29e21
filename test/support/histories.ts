import type { World } from './open-world.js';
import { toPlain, type History } from './history-json.js';

export interface HistorySize {
  readonly events: number;
  /** Bytes of the largest payload. */
  readonly largestPayload: number;
  /** Bytes of the whole history as JSON. */
  readonly bytes: number;
}

export function sizeOf(history: History): HistorySize {
  let largestPayload = 0;
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array) largestPayload = Math.max(largestPayload, value.length);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(history);
  return {
    events: history.events?.length ?? 0,
    largestPayload,
    bytes: Buffer.byteLength(JSON.stringify(toPlain(history))),
  };
}

/** The history of the workflow that keeps the account’s ledger. */
export function accountHistory({ client, taskQueue }: World): Promise<History> {
  return client.workflow.getHandle(`${taskQueue}-account-default`).fetchHistory();
}
