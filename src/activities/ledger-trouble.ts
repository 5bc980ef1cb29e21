import {
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ExportError } from '../model/export-error.js';

/**
 * What went wrong between an activity and the ledger of its account, which is a workflow: Temporal did not answer, nobody works on
 * its queue, or another workflow has its id. Anything else is thrown as it is.
 */
export function ledgerTrouble(error: unknown, workflowId: string): unknown {
  const what = troubleOf(error);
  return what === undefined ? error : new ExportError('LedgerUnavailable', `The workflow ${workflowId} ${what}.`);
}

function troubleOf(error: unknown): string | undefined {
  if (error instanceof WorkflowUpdateFailedError) return 'refused a call';
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return 'did not answer in time';
  const service = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(service)) return `could not be asked (gRPC status ${service.code})`;
  return error instanceof ServiceError ? 'could not be asked' : undefined;
}
