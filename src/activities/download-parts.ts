import { Context } from '@temporalio/activity';
import { ExportError } from '../model/export-error.js';
import type { DownloadedFile, DownloadPartsInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { downloaded } from './download-export.js';
import { attempt } from './guarded.js';
import { stagingOf } from './staging-of.js';

/** Downloads the files of a split export, one after the other. */
export function downloadParts(dependencies: ActivityDependencies) {
  return (input: DownloadPartsInput): Promise<readonly DownloadedFile[]> =>
    attempt(async (running) => {
      const connection = connectionOf(dependencies, input);
      const staging = stagingOf(dependencies, connection, input);
      const done = [...doneBefore(Context.current().info.heartbeatDetails)];
      for (const { type, jobId } of input.parts.slice(done.length)) {
        running.progress({ part: type, done });
        try {
          done.push(await downloaded(dependencies, connection, { jobId, staging, name: `raw-${type}` }, running));
        } catch (error) {
          // Two runs that keep what they have and wait for the rest would wait for each other.
          if (done.length > 0 && error instanceof ExportError && error.type === 'StagingFull') {
            await staging.giveUp();
            running.progress({ done: [] });
          }
          throw error;
        }
      }
      return done;
    });
}

/** Files that an earlier attempt has put in place. That they still are what they were is checked when they are read. */
function doneBefore(details: unknown): readonly DownloadedFile[] {
  const told = typeof details === 'object' && details !== null && 'done' in details ? details.done : [];
  return told as readonly DownloadedFile[];
}
