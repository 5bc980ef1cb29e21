import { Context } from '@temporalio/activity';
import type { RunStaging } from '../staging/port.js';
import { attemptEpoch } from './attempt-epoch.js';
import type { ActivityDependencies, Connection } from './dependencies.js';

/** The part of staging that the run has for which this activity works. */
export function stagingOf(
  { staging }: ActivityDependencies,
  { stagingKey }: Connection,
  { runKey }: { readonly runKey: string },
): RunStaging {
  const { info } = Context.current();
  const { workflowExecution, namespace } = info;
  const workflowId = workflowExecution?.workflowId ?? '';
  return staging.run({ runKey, workflowId, namespace, epoch: attemptEpoch(info), wrapping: stagingKey });
}
