import { crashPoint } from '../crash/crash-point.js';
import { ExportError } from '../model/export-error.js';
import type { Reference } from '../model/reference.js';
import type { RedactedExport, RedactExportInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { stagingOf } from './staging-of.js';
import { unzipped } from './unzipped.js';

/** Splits the file into tables, applies the policy, proves that nothing leaked, and stages the redacted tables. */
export function redactExport(dependencies: ActivityDependencies) {
  return (input: RedactExportInput): Promise<RedactedExport> =>
    attempt(({ signal, progress }) => {
      const connection = connectionOf(dependencies, input);
      const { redactor } = connection;
      const staging = stagingOf(dependencies, connection, input);
      return dependencies.turnstiles.redaction.pass(signal, async () => {
        const files = new Map<string, Reference>();
        const scratch = await staging.scratch();
        // Opened last: whoever reads it closes it, and nothing may fail in between.
        const staged = await staging.read(input.download.file);
        const result = await redactor.redact({
          raw: input.download.encoding === 'gzip' ? unzipped(staged) : staged,
          scratch,
          produce: async (name, write) => void files.set(name, await staging.produce(name, write)),
          signal,
          onProgress({ bytesRead, phase }) {
            progress({ phase, bytes: bytesRead });
            if (phase === 'redacting') crashPoint('mid-redaction');
          },
        });
        const { policy, key, droppedFields, timePeriods, currencies, typesSeen } = result;
        const tables = result.tables.map(({ name, ...counts }) => {
          const file = files.get(name);
          if (!file) throw new ExportError('CountsDisagree', `Redaction named a table ${name} that it did not write.`);
          return { ...counts, file };
        });
        crashPoint('after-redaction');
        return { tables, policy, key, droppedFields, timePeriods, currencies, typesSeen };
      });
    });
}
