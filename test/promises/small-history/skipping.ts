import { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingServer } from '../../../src/testing/temporal/test-server.js';

/** Temporal's test server: its time passes as fast as the work in it allows, while `sleep` of its client is under way. */
export async function startSkippingServer(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createTimeSkipping({ server: await timeSkippingServer() });
}
