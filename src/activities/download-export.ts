import { Context } from '@temporalio/activity';
import type { ClariError } from '../clari/clari-error.js';
import { resultsRefusal } from '../clari/refusal.js';
import { crashPoint } from '../crash/crash-point.js';
import { download } from '../download/download.js';
import { ExportError } from '../model/export-error.js';
import type { DownloadedFile, DownloadExportInput } from '../model/steps.js';
import { isAboutResult } from './about-result.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import type { RunStaging } from '../staging/port.js';
import { attempt, type Attempt } from './guarded.js';
import { endingOf } from './job-ending.js';
import { stagingOf } from './staging-of.js';

/** A job that is done a moment before its result can be had is not believed to have none for so many attempts. */
const PATIENT_ATTEMPTS = 5;

/** Gets a link and the bytes in one breath; the link is used, renewed when it lapses, and forgotten here. */
export function downloadExport(dependencies: ActivityDependencies) {
  return (input: DownloadExportInput): Promise<DownloadedFile> =>
    attempt((running) => {
      const connection = connectionOf(dependencies, input);
      const staging = stagingOf(dependencies, connection, input);
      return downloaded(dependencies, connection, { jobId: input.jobId, staging, name: 'raw' }, running);
    });
}

/** The file of a job, in staging under a name; goes on from the bytes that an earlier attempt has left there. */
export async function downloaded(
  { http }: ActivityDependencies,
  { clari }: Connection,
  { jobId, staging, name }: { readonly jobId: string; readonly staging: RunStaging; readonly name: string },
  { signal, progress }: Attempt,
): Promise<DownloadedFile> {
  const { linkRules: rules, ...way } = http;
  const file = await staging.partial(name);
  try {
    const { links, contentEncoding, lengthProven } = await download({
      ...way,
      async link() {
        const link = await clari.resultLink(jobId, signal);
        crashPoint('after-link');
        return link;
      },
      file,
      rules,
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
    signal.throwIfAborted();
    throw isAboutResult(error) ? await explained(error, clari, jobId, signal) : error;
  }
}

/** Why there is no result, by what Clari says of the job now. */
async function explained(
  refused: ClariError,
  clari: Connection['clari'],
  jobId: string,
  signal: AbortSignal,
): Promise<ExportError> {
  endingOf(await clari.job(jobId, signal), clari.now());
  const definite = refused.status === 410 || refused.type === 'AccessDenied';
  if (definite || Context.current().info.attempt >= PATIENT_ATTEMPTS) return refused;
  return new ExportError(
    'DownloadInterrupted',
    `Clari does not give out the result of job ${jobId}, which it says is done: ${refused.message}`,
  );
}
