import type { StagingOwner } from '../../src/staging/port.js';

/** A run whose bytes are sealed under a key of the tests. */
export const ownerOf = (runKey: string, key = 'k'): StagingOwner => ({
  runKey,
  workflowId: `workflow of ${runKey}`,
  wrapping: () => Promise.resolve(Buffer.alloc(32, key)),
});
