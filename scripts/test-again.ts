import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/*
 * Runs the files of the last `vitest run` once more in which a test failed, one after the other: a machine that stood still for a
 * minute must not turn a pass into a failure, and a file's tests share what they made, so that one test alone can not be repeated.
 * The report of the first run names every test that needed it.
 */
const RESULTS = '.cache/test-results.json';

if (!existsSync(RESULTS)) {
  console.error('The tests ended before they wrote a report: what is printed above says why.');
  process.exit(1);
}
const report = z.object({ testResults: z.array(z.object({ name: z.string(), status: z.string() })) });
const { testResults } = report.parse(JSON.parse(readFileSync(RESULTS, 'utf8')));
// They must not be taken for those of the next run.
rmSync(RESULTS);
const failed = testResults.filter(({ status }) => status !== 'passed').map(({ name }) => path.relative('', name));
if (failed.length === 0) {
  console.error('No test failed, and yet the tests did: what is printed above says why.');
  process.exit(1);
}
console.log(`== once more, by themselves: ${failed.join(', ')}`);
const { status } = spawnSync('npx', ['vitest', 'run', '--maxWorkers=1', ...failed], { stdio: 'inherit' });
process.exit(status ?? 1);
