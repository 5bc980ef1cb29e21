import { once } from 'node:events';
import type { FakeClariOptions } from './options.js';
import { startFakeClari } from './start.js';

/** Runs a fake Clari until SIGINT or SIGTERM; prints one line of JSON, `{apiUrl, linkUrl, controlUrl}`, once it listens. */
export async function serveFakeClari(options: FakeClariOptions): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const fake = await startFakeClari(options);
  const { apiUrl, linkUrl, controlUrl } = fake;
  process.stdout.write(`${JSON.stringify({ apiUrl, linkUrl, controlUrl })}\n`);
  await stopped;
  await fake.close();
}
