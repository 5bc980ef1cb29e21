import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Bundles the workflows as the sources have them now; the path of the bundle, which is in `folder`. */
export async function bundleWorkflowsInto(folder: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const codePath = path.join(folder, 'workflows.js');
  await writeFile(codePath, code);
  return codePath;
}
