import type { ClariProxy } from './clari-proxy.js';
import type { World } from './open-world.js';

/** More downloads than a run makes. */
const MOST_DOWNLOADS = 6;

/** Changes the file of a forecast on its way, at every download. */
export function changeFile(
  { clari }: World,
  proxy: ClariProxy,
  forecastId: string,
  change: (file: Buffer) => Buffer,
): void {
  const isItsFile = (method: string, path: string): boolean =>
    method === 'GET' &&
    clari.jobs
      .all()
      .some(({ jobId, request }) => request.forecastId === forecastId && path.endsWith(`/${jobId}/results`));
  for (let time = 0; time < MOST_DOWNLOADS; time += 1) void proxy.spoilNext({ fits: isItsFile, does: change });
}
