/**
 * A Temporal executable could not be found, installed or started. Its message is one or two sentences that say what to do.
 *
 * Not a row of the failure table: nothing of it can end a workflow.
 */
export class TemporalToolError extends Error {
  override readonly name = 'TemporalToolError';
}
