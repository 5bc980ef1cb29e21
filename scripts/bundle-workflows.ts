/** Part of `npm run build`: bundles the workflows, so that a production worker starts without webpack. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const { code } = await bundleWorkflowCode({
  workflowsPath: path.join(root, 'src/workflows/index.ts'),
  logger: new DefaultLogger('WARN'),
});
await writeFile(path.join(root, 'dist/workflow-bundle.js'), withoutMachinePaths(code));

/** The inline source map names files by their place on the machine that built them, which is nobody else's business. */
function withoutMachinePaths(bundle: string): string {
  const [mark, start] = ['base64,', bundle.lastIndexOf('//# sourceMappingURL=')];
  const at = start === -1 ? -1 : bundle.indexOf(mark, start);
  if (at === -1) throw new Error('The workflow bundle has no inline source map: the SDK has changed.');
  const head = bundle.slice(0, at + mark.length);
  const map = Buffer.from(bundle.slice(head.length), 'base64').toString('utf8');
  return head + Buffer.from(map.replaceAll(root, '')).toString('base64');
}
