import { createHash } from 'node:crypto';
import type { Receipt } from '../model/receipt.js';
import type { StoreExportInput } from '../model/steps.js';

/** What a receipt says of the file, or of those of all parts. */
export function rawOf({ downloads, parts }: StoreExportInput): Receipt['raw'] {
  const bytes = downloads.reduce((sum, { file }) => sum + file.bytes, 0);
  const hashes = downloads.map(({ file }) => file.sha256).join('\n');
  return { bytes, sha256: parts ? createHash('sha256').update(hashes).digest('hex') : hashes };
}

/** The parts of a split export, for its receipt. */
export function partsOf({ parts, downloads, redacted }: StoreExportInput): Pick<Receipt, 'parts'> {
  if (!parts) return {};
  return {
    parts: parts.map(({ type, jobId, capturedAt, truncated }, place) => ({
      type,
      jobId,
      capturedAt,
      complete: !truncated,
      rows: redacted.parts?.[place]?.rows ?? 0,
      sha256: downloads[place]?.file.sha256 ?? '',
    })),
  };
}

/** What a reader of a split export should know. */
export function remarksOnParts({ parts, job, redacted }: StoreExportInput): string[] {
  if (!parts) return [];
  const differing = redacted.tables.flatMap(({ table, split }) =>
    split && split.differing > 0 ? [{ table, rows: split.differing }] : [],
  );
  return [
    `Clari truncated job ${job.jobId}; the ${parts.length} types were exported one by one instead, and captured between ` +
      `${parts[0]?.capturedAt ?? job.capturedAt} and ${parts.at(-1)?.capturedAt ?? job.capturedAt}.`,
    ...differing.map(({ table, rows }) =>
      table === 'forecast_entries'
        ? `${rows} entries could not be joined with those of the other types: they stand beside them.`
        : `${rows} rows of ${table} have no key, or differed between the types’ files, of which the newest job’s were landed.`,
    ),
  ];
}
