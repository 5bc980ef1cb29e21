import type { ExpectedFile } from './data/expected-file.js';
import type { FileRequest } from './data/forecast-file.js';
import { listen, stagedServer, stop } from './http-server.js';
import type { FakeJobs } from './jobs.js';
import type { Journal } from './journal.js';
import type { FakeClariOptions } from './options.js';
import { settingsFrom } from './options.js';
import { apiStages, linkStages } from './stages.js';
import type { FakeTokens } from './tokens.js';
import { makeWorld } from './world.js';

/** A running fake of Clari's revenue API. */
export interface FakeClari {
  /** Base URL for a client; ends in `/v4`. */
  readonly apiUrl: string;
  /** Where download links point: another port. */
  readonly linkUrl: string;
  readonly journal: Journal;
  readonly jobs: FakeJobs;
  readonly tokens: FakeTokens;
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
 * @throws RangeError for options that can not be; Error of the system when a port is taken
 */
export async function startFakeClari(options: FakeClariOptions): Promise<FakeClari> {
  const settings = settingsFrom(options);
  const world = makeWorld(settings);
  const { journal, jobs, tokens, files, links } = world;
  const api = stagedServer(world, 'api', apiStages);
  const link = stagedServer(world, 'link', linkStages);
  const close = async (): Promise<void> => {
    journal.close();
    await Promise.all([stop(api), stop(link)]);
  };
  try {
    const base = (port: number): string => `http://${settings.advertisedHost}:${port}`;
    const linkUrl = base(await listen(link, settings.host, settings.linkPort));
    const apiUrl = `${base(await listen(api, settings.host, settings.apiPort))}/v4`;
    links.serveFrom(linkUrl);
    return {
      apiUrl,
      linkUrl,
      journal,
      jobs,
      tokens,
      mintedLinks: () => links.minted(),
      expected: (jobId) => {
        const job = jobs.get(jobId);
        if (job === undefined) throw new RangeError(`no job ${jobId}`);
        return files.expected(job.request.forecastId, job.request);
      },
      expectedFor: (forecastId, request) => files.expected(forecastId, request),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
