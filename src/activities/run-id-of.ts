import { Context } from '@temporalio/activity';

/** Id of the run that this activity works for: after a reset that of the new one, though the input may be from before. */
export const runIdOf = (): string => Context.current().info.workflowExecution?.runId ?? '';
