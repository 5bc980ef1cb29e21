import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const eslint = new ESLint({ cwd: root });

/** Rules broken by one line in a workflow file. */
async function broken(line: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: `${root}src/workflows/index.ts` });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId);
}

describe('workflow code', () => {
  test.each([
    "import 'fs';",
    "import 'node:sqlite';",
    "import 'zod';",
    "import 'zod/mini';",
    "import '@temporalio/client';",
    "import '../activities/index.js';",
    "import '../config/settings.js';",
  ])('may not have %s', async (line) => {
    expect(await broken(line)).toContain('@typescript-eslint/no-restricted-imports');
  });

  test.each(['process', 'Buffer', 'fetch', 'crypto', 'setInterval', 'structuredClone', 'globalThis'])(
    'may not use %s',
    async (name) => {
      expect(await broken(`export const used: unknown = ${name};`)).toContain('no-restricted-globals');
    },
  );

  test('may use what the sandbox has', async () => {
    const line =
      'export const used: unknown[] = [new Date(), Math.random(), new URL("https://x.example"), setTimeout];';
    expect(await broken(line)).toEqual([]);
  });
});
