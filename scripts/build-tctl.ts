/** `npm run tctl`: builds tctl into the cache, unless there is one, for the tests that start exports with it. */
import { TemporalToolError } from '../src/testing/temporal/errors.js';
import { buildTctl, findTctl } from '../test/support/tctl.js';

const options = {
  env: process.env,
  onProgress: (line: string): void => {
    console.log(line);
  },
};
try {
  const found = await findTctl(options);
  if (found === undefined) await buildTctl(options);
  else console.log(`tctl is there: ${found}`);
} catch (error) {
  if (!(error instanceof TemporalToolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
