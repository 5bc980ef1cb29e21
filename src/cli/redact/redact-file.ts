import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { RedactionKey } from '../../redaction/key-blocks.js';
import type { RedactionPolicy } from '../../redaction/policy.js';
import { createCsvRedactor, type CsvRedaction } from '../../redaction/csv/csv-redactor.js';
import type { RedactionInput, RedactionPhase, RedactionResult } from '../../redaction/port.js';
import { createRedactor } from '../../redaction/redactor.js';
import { BAD_FLAG, CommandError } from '../command-error.js';
import type { ExportFile } from '../export-file.js';
import { madeIn, writeOutput } from './write-output.js';
import { moveIntoPlace, type Targets } from './targets.js';

export interface RedactFileInput {
  readonly file: ExportFile;
  readonly policy: RedactionPolicy;
  readonly key: RedactionKey;
  readonly targets: Targets;
  /** Whether targets that are there are replaced. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly phase: RedactionPhase | 'writing'; readonly table?: string }) => void;
}

export type RedactedFile = RedactionResult | CsvRedaction;

/**
 * Redacts a file as the product does, in a private folder beside the targets, and moves the output into place at the end. Whatever
 * happens, nothing else is left.
 * @throws as `Redactor.redact`, `writeOutput` and `moveIntoPlace`
 */
export async function redactFile(input: RedactFileInput): Promise<RedactedFile> {
  const { file, policy, key, targets, force, signal, onProgress } = input;
  const { format } = targets;
  const folder = await mkdtemp(join(targets.folder, '.clari-temporal-redact-')).catch(() => {
    throw new CommandError(`error: --out: ${targets.folder} can not be written; name another folder`, BAD_FLAG);
  });
  try {
    const scratch = join(folder, 'scratch');
    await mkdir(scratch, { mode: 0o700 });
    let table: string | undefined;
    const steps: Omit<RedactionInput, 'files'> = {
      scratch,
      async produce(name, write) {
        table = name.replace(/\.parquet$/, '');
        await write(join(folder, name));
      },
      signal,
      onProgress: ({ phase }) => onProgress({ phase, ...(table === undefined ? {} : { table }) }),
    };
    const options = { policy, key, keepOrder: true };
    const open = (): Promise<Readable> => file.open();
    const result: RedactedFile =
      file.format === 'csv'
        ? await createCsvRedactor(options).redact({ ...steps, open })
        : await createRedactor(options).redact({ ...steps, files: [open] });
    onProgress({ phase: 'writing' });
    await writeOutput(result.tables, { folder, format, signal });
    signal.throwIfAborted();
    moveIntoPlace(targets, ({ tables: [first = ''] }) => madeIn(folder, format, first), { aside: folder, force });
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
