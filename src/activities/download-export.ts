import { resultsRefusal } from '../clari/refusal.js';
import { download } from '../download/download.js';
import type { DownloadedFile, DownloadExportInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';

/** Gets a link and the bytes in one breath; the link is used, renewed when it lapses, and forgotten here. */
export function downloadExport(dependencies: ActivityDependencies) {
  return (input: DownloadExportInput): Promise<DownloadedFile> =>
    attempt(async ({ signal, progress }) => {
      const { clari } = connectionOf(dependencies, input);
      const { dispatcher, linkRules } = dependencies.http;
      const file = await dependencies.staging.run(input.runKey).partial('raw');
      try {
        const { links, contentEncoding, lengthProven } = await download({
          link: () => clari.resultLink(input.jobId, signal),
          file,
          dispatcher,
          rules: linkRules,
          classifyStatus: resultsRefusal,
          signal,
          onProgress: (bytes) => progress({ bytes }),
        });
        return { file: await file.complete(), encoding: contentEncoding, links, lengthProven };
      } catch (error) {
        await file.close();
        throw error;
      }
    });
}
