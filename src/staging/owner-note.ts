import type { StagingOwner } from './port.js';

/** What a note of a run's owner says: namespace and workflow, a line each. */
export const ownerNote = ({ namespace, workflowId }: Pick<StagingOwner, 'namespace' | 'workflowId'>): string =>
  `${namespace}\n${workflowId}`;

export interface NotedOwner {
  readonly workflowId: string | undefined;
  readonly namespace: string | undefined;
}

/** One line alone is the workflow: versions before this one wrote no namespace. */
export function readOwnerNote(note: Uint8Array | undefined): NotedOwner {
  const text = note && Buffer.from(note).toString();
  const end = text?.indexOf('\n') ?? -1;
  if (text === undefined || end < 0) return { workflowId: text, namespace: undefined };
  return { workflowId: text.slice(end + 1), namespace: text.slice(0, end) };
}
