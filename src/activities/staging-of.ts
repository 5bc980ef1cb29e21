import { Context } from '@temporalio/activity';
import type { RunStaging } from '../staging/port.js';
import type { ActivityDependencies, Connection } from './dependencies.js';

/** The part of staging that the run has for which this activity works. */
export function stagingOf(
  { staging }: ActivityDependencies,
  { stagingKey }: Connection,
  { runKey }: { readonly runKey: string },
): RunStaging {
  const { workflowExecution, currentAttemptScheduledTimestampMs: epoch } = Context.current().info;
  return staging.run({ runKey, workflowId: workflowExecution?.workflowId ?? '', epoch, wrapping: stagingKey });
}
