import type { ExportForecastRequest, ExportType } from './request.js';

/** One type of an export that Clari truncated, asked for by itself. Which job it has is a matter of the export, not of `fresh`. */
export function partRequest(request: ExportForecastRequest, type: ExportType): ExportForecastRequest {
  return { ...request, typesToExport: [type], fresh: false, jobId: null, splitIfTruncated: false };
}

/** The run as the one that asks for a part: the ledger keeps it apart from the run that asks for the whole. */
export const partRequester = (requester: string, type: ExportType): string => `${requester}#${type}`;

/** The run behind a requester, of a whole or of a part. */
export function runOf(requester: string): { readonly workflowId: string; readonly firstRunId: string } {
  const [, workflowId = '', firstRunId = ''] = /^(.*)\/([^/#]*)(?:#\w+)?$/.exec(requester) ?? [];
  return { workflowId, firstRunId };
}
