import { failures, isFailureType, type FailureRow, type FailureType } from '../model/failures.js';

export interface ExplainedFailure extends FailureRow {
  readonly type: FailureType;
  /** What happened, then what to do. */
  readonly message: string;
}

/**
 * What ended an export, out of whatever its result rejected with: a client's WorkflowFailedError, a ChildWorkflowFailure in a
 * workflow of one's own, or an ExportError. Undefined where no failure of this package is at the root: a cancellation, say.
 */
export function explainFailure(error: unknown): ExplainedFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // By its shape: a failure that crossed from another realm, as in the workflow sandbox, is no instance of a class known here.
    const type = 'type' in cause ? cause.type : undefined;
    if (isFailureType(type)) return { type, message: cause.message, ...failures[type] };
  }
  return undefined;
}
