/** The task queues of one deployment, from the base name of its configuration. No other place makes a queue's name. */
export interface TaskQueues {
  /** Workflows, and activities without a network. Operators type this one. */
  readonly workflows: string;
  /** Calls to one account at Clari, rate-limited as a whole. The account's always-open workflow has this name as its id. */
  account(account: string): string;
  /** Heavy work on one staging volume; its id comes from a file in it, so that a restarted worker rejoins its queue. */
  staging(stagingId: string): string;
  /** Clean-up of that volume, which must not wait behind downloads of hours. */
  cleanup(stagingId: string): string;
}

export const DEFAULT_TASK_QUEUE = 'clari';

export function taskQueues(base: string): TaskQueues {
  return {
    workflows: base,
    account: (account) => `${base}-account-${account}`,
    staging: (stagingId) => `${base}-staging-${stagingId}`,
    cleanup: (stagingId) => cleanupQueueOf(`${base}-staging-${stagingId}`),
  };
}

/** The queue for the clean-up of what the workers of a staging queue have staged. */
export function cleanupQueueOf(stagingQueue: string): string {
  return `${stagingQueue}-cleanup`;
}
