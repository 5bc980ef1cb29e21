import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Looked } from './looked.js';
import type { Search } from './search.js';
import { textsOf } from './texts.js';

/** What ends the places of a run that are not of its history. */
export const IN_THE_LIST = 'as the list of runs has it';
export const ITS_STATE = 'its state, with what is pending';

/**
 * Looks at the runs that a namespace shows, open and closed: at what the list has of each (memo, search attributes), at each event of
 * its history, and at its state (heartbeats and failures of pending activities). Page by page: memory is bounded by a page of events.
 * What a payload codec made unreadable is searched as it is.
 * @param query narrows the list, in Temporal's own words
 */
export async function* lookAtRuns(client: Client, search: Search, query?: string): AsyncGenerator<Looked> {
  for await (const { workflowId, runId, raw } of client.workflow.list(query === undefined ? {} : { query })) {
    const run = `workflow ${workflowId}, run ${runId}`;
    yield looked(search, `${run}, ${IN_THE_LIST}`, raw);
    try {
      yield* lookAtHistory(client, search, { run, workflowId, runId });
      const state = await client.workflow.getHandle(workflowId, runId).describe();
      yield looked(search, `${run}, ${ITS_STATE}`, state.raw);
    } catch (error) {
      // Its retention ended meanwhile.
      if (!(error instanceof WorkflowNotFoundError) && !isNotFound(error)) throw error;
    }
  }
}

async function* lookAtHistory(
  client: Client,
  search: Search,
  { run, ...execution }: { readonly run: string; readonly workflowId: string; readonly runId: string },
): AsyncGenerator<Looked> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution,
      nextPageToken,
    });
    for (const event of page.history?.events ?? []) {
      const attributes = Object.entries(event).find(
        ([name, value]) => name.endsWith('EventAttributes') && value instanceof Object,
      );
      const kind = attributes?.[0].replace('EventAttributes', '') ?? 'of a kind that this version does not know';
      yield looked(search, `${run}, event ${String(event.eventId)} (${kind})`, event);
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

function looked(search: Search, place: string, answer: unknown): Looked {
  const bytes = Buffer.from(textsOf(answer));
  return { place, bytes: bytes.length, values: search.in(bytes) };
}

/** gRPC's number for it. */
const NOT_FOUND = 5;
const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === NOT_FOUND;
