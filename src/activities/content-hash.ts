import { createHash } from 'node:crypto';
import { resultsRefusal } from '../clari/refusal.js';
import { download } from '../download/download.js';
import type { ActivityDependencies, Connection } from './dependencies.js';

/** SHA-256 of the file of a finished job, lower-case hex; nothing of it is kept. */
export async function contentHash(
  { http: { linkRules: rules, ...http } }: ActivityDependencies,
  { clari }: Connection,
  jobId: string,
  signal: AbortSignal,
): Promise<string> {
  let hash = createHash('sha256');
  await download({
    ...http,
    link: () => clari.resultLink(jobId, signal),
    file: {
      bytes: 0,
      validator: undefined,
      append(chunk) {
        hash.update(chunk);
        return Promise.resolve();
      },
      restart() {
        hash = createHash('sha256');
        return Promise.resolve();
      },
      makeRoom: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    rules,
    classifyStatus: resultsRefusal,
    signal,
  });
  return hash.digest('hex');
}
