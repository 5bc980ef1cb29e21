import type { StagingOwner } from '../../src/staging/port.js';

/** A run whose bytes are sealed under a key of the tests, and one attempt of it. */
export const ownerOf = (runKey: string, key = 'k', epoch = 1): StagingOwner => ({
  runKey,
  epoch,
  namespace: 'default',
  workflowId: `workflow of ${runKey}`,
  wrapping: () => Promise.resolve(Buffer.alloc(32, key)),
});
