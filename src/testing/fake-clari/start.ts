import type { ExpectedFile } from './data/expected-file.js';
import type { FileRequest } from './data/forecast-file.js';
import { CONTROL_PATH } from './control.js';
import type { FakeFaults } from './faults/engine.js';
import { listen, stagedServer, stop } from './http-server.js';
import type { FakeJobs } from './jobs.js';
import type { Journal } from './journal.js';
import type { FakeClariOptions } from './options.js';
import { settingsFrom } from './settings.js';
import { apiStages, linkStages } from './stages.js';
import type { FakeTokens } from './tokens.js';
import { expectedOf, makeWorld } from './world.js';

/** A running fake of Clari's revenue API. */
export interface FakeClari {
  /** Base URL for a client; ends in `/v4`. */
  readonly apiUrl: string;
  /** Where download links point: another port. */
  readonly linkUrl: string;
  /** Where it is told what to do over HTTP; ends in `/_fake`, on the port of the API. Asks for no token. */
  readonly controlUrl: string;
  readonly journal: Journal;
  readonly jobs: FakeJobs;
  readonly tokens: FakeTokens;
  /** What goes wrong, and when. */
  readonly faults: FakeFaults;
  /** Every download link ever given out, for searches after leaks. */
  mintedLinks(): readonly { readonly jobId: string; readonly url: string }[];
  /**
   * What the file of a job holds, as it is served.
   * @throws RangeError for an unknown job
   */
  expected(jobId: string): ExpectedFile;
  /**
   * What the file of such an export would hold.
   * @throws RangeError for an unknown forecast or a malformed period
   */
  expectedFor(forecastId: string, request: FileRequest): ExpectedFile;
  /** Ends open connections. Repeating it is harmless. */
  close(): Promise<void>;
}

/**
 * Starts a fake of Clari's revenue API on this machine, made for tests and trials: forecasts of any size from a seed, export jobs,
 * limits, download links, and a journal of all that was asked.
 * @throws RangeError for options and fault rules that can not be; Error of the system when a port is taken
 */
export async function startFakeClari(options: FakeClariOptions): Promise<FakeClari> {
  const settings = settingsFrom(options);
  const world = makeWorld(settings);
  const { journal, jobs, tokens, files, links, faults } = world;
  const api = stagedServer(world, 'api', apiStages);
  const link = stagedServer(world, 'link', linkStages);
  const close = async (): Promise<void> => {
    journal.close();
    await Promise.all([stop(api), stop(link)]);
  };
  try {
    const base = (port: number): string => `http://${settings.advertisedHost}:${port}`;
    const linkUrl = base(await listen(link, settings.host, settings.linkPort));
    const apiOrigin = base(await listen(api, settings.host, settings.apiPort));
    links.serveFrom(linkUrl);
    return {
      apiUrl: `${apiOrigin}/v4`,
      linkUrl,
      controlUrl: `${apiOrigin}${CONTROL_PATH}`,
      journal,
      jobs,
      tokens,
      faults,
      mintedLinks: () => links.minted(),
      expected: (jobId) => expectedOf(world, jobId),
      expectedFor: (forecastId, request) => files.expected(forecastId, request),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
