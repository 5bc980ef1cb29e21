import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FakeClariOptions } from './options.js';
import { startFakeClari } from './start.js';

/** Runs a fake Clari until SIGINT or SIGTERM; prints one line of JSON, `{apiUrl, linkUrl}`, once it listens. */
export async function serveFakeClari(options: FakeClariOptions): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const fake = await startFakeClari(options);
  process.stdout.write(`${JSON.stringify({ apiUrl: fake.apiUrl, linkUrl: fake.linkUrl })}\n`);
  await stopped;
  await fake.close();
}

/** As a command: `node serve.js [options.json]`. */
if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [, , path] = process.argv;
  const given: unknown = path === undefined ? {} : JSON.parse(await readFile(path, 'utf8'));
  await serveFakeClari({ dialect: 'published', ...(given as Partial<FakeClariOptions>) });
}
