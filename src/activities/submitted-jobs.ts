import { createHash } from 'node:crypto';
import type { SubmittedJobs } from '../model/account.js';

const MARK_BYTES = 4;
/** Their marks take 10 KB of text, which leaves room in a payload of 16 KiB. */
const MAX_MARKED = 2_000;

/**
 * The jobs that count against the quota, small enough to be remembered: 32 bits of a hash for each, and a digest of all. Beyond
 * 2,000 jobs the digest alone, which tells whether something changed but not what.
 */
export function rememberSubmitted(jobIds: readonly string[]): SubmittedJobs {
  const marks = jobIds.length > MAX_MARKED ? null : Buffer.concat(jobIds.map(markOf)).toString('base64');
  return { digest: digestOf(jobIds), marks };
}

/**
 * Those of `jobIds` that were not there then; undefined where that can not be told.
 * A count would not do: as old jobs leave the thirty days, it can stay the same although a new one came.
 */
export function addedSince(before: SubmittedJobs, jobIds: readonly string[]): readonly string[] | undefined {
  if (digestOf(jobIds) === before.digest) return [];
  if (before.marks === null) return undefined;
  const marks = Buffer.from(before.marks, 'base64');
  const known = new Set<number>();
  for (let at = 0; at < marks.length; at += MARK_BYTES) known.add(marks.readUInt32BE(at));
  return jobIds.filter((jobId) => !known.has(markOf(jobId).readUInt32BE(0)));
}

const markOf = (jobId: string): Buffer => createHash('sha256').update(jobId).digest().subarray(0, MARK_BYTES);

const digestOf = (jobIds: readonly string[]): string =>
  createHash('sha256')
    .update([...jobIds].sort().join('\n'))
    .digest('hex')
    .slice(0, 16);
