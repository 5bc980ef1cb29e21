import { resolveTemporalTestServer, type ResolveOptions } from './executable.js';

/**
 * What `TestWorkflowEnvironment.createTimeSkipping({ server })` takes, so that the SDK downloads nothing itself.
 *
 * @throws TemporalToolError when the test server can be neither found nor installed.
 */
export async function timeSkippingServer(
  options: ResolveOptions = {},
): Promise<{ executable: { type: 'existing-path'; path: string } }> {
  const { path } = await resolveTemporalTestServer(options);
  return { executable: { type: 'existing-path', path } };
}
