import { crashPoint } from '../crash/crash-point.js';
import { ExportError } from '../model/export-error.js';
import type { Reference } from '../model/reference.js';
import type { RedactedExport, RedactExportInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { stagingOf } from './staging-of.js';
import { unzipped } from './unzipped.js';

/** Splits the file, or those of all parts, into tables, applies the policy, proves that nothing leaked, and stages the redacted tables. */
export function redactExport(dependencies: ActivityDependencies) {
  return (input: RedactExportInput): Promise<RedactedExport> =>
    attempt(({ signal, progress }) => {
      const connection = connectionOf(dependencies, input);
      const { redactor } = connection;
      const staging = stagingOf(dependencies, connection, input);
      return dependencies.turnstiles.redaction.pass(signal, async () => {
        const files = new Map<string, Reference>();
        const scratch = await staging.scratch();
        const result = await redactor.redact({
          files: input.downloads.map(({ file, encoding }) => async () => {
            const staged = await staging.read(file);
            return encoding === 'gzip' ? unzipped(staged) : staged;
          }),
          scratch,
          produce: async (name, write) => void files.set(name, await staging.produce(name, write)),
          signal,
          onProgress({ bytesRead, phase }) {
            progress({ phase, bytes: bytesRead });
            if (phase === 'redacting') crashPoint('mid-redaction');
          },
        });
        const { shape: _, tables: written, ...findings } = result;
        const tables = written.map(({ name, ...counts }) => {
          const file = files.get(name);
          if (!file) throw new ExportError('CountsDisagree', `Redaction named a table ${name} that it did not write.`);
          return { ...counts, file };
        });
        crashPoint('after-redaction');
        return { tables, ...findings };
      });
    });
}
