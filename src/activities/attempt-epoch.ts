import type { Info } from '@temporalio/activity';
import { ExportError } from '../model/export-error.js';

/** Above all moments in epoch milliseconds, until 2039: versions before this one took the attempt's, which runs under way still have. */
const FIRST = 2 ** 41;
/** More than can be made in the longest time that a step may have. */
const ATTEMPTS = 2 ** 24;

/**
 * Higher for each attempt that Temporal makes of an activity, and for each activity that a run schedules. No clock is asked: one
 * that is set back would make the next attempts look like late ones, and the run would lose what it downloads.
 * An activity that an operator resets counts its attempts from 1 again: what it finds of itself is downloaded once more.
 * @throws ExportError `Unexpected` where the workflow does not leave the ids of its activities to the SDK
 */
export function attemptEpoch({ activityId, attempt }: Pick<Info, 'activityId' | 'attempt'>): number {
  // Temporal's SDK numbers the activities of a run in their order, from 1.
  const place = Number(activityId);
  if (!Number.isSafeInteger(place))
    throw new ExportError(
      'Unexpected',
      'The workflow gives its activities ids of its own, where the SDK has to number them.',
    );
  return FIRST + place * ATTEMPTS + attempt;
}
