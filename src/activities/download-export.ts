import { resultsRefusal } from '../clari/refusal.js';
import { crashPoint } from '../crash/crash-point.js';
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
          async link() {
            const link = await clari.resultLink(input.jobId, signal);
            crashPoint('after-link');
            return link;
          },
          file,
          dispatcher,
          rules: linkRules,
          classifyStatus: resultsRefusal,
          signal,
          onProgress(bytes) {
            progress({ bytes });
            crashPoint('mid-download');
          },
        });
        const reference = await file.complete();
        crashPoint('after-download');
        return { file: reference, encoding: contentEncoding, links, lengthProven };
      } catch (error) {
        await file.close();
        throw error;
      }
    });
}
