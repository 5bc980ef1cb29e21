import { log } from '@temporalio/activity';
import type { Destination } from '../destinations/port.js';
import { ExportError } from '../model/export-error.js';
import { runIdOf } from './run-id-of.js';

/**
 * Makes the destination refuse what an attempt of this run, believed dead, would publish when it wakes up. Where it can't, that is
 * logged, and the clean-up goes on.
 */
export async function closeRun(destination: Destination): Promise<void> {
  try {
    await destination.closeRun(runIdOf());
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    log.warn('An attempt of this run that wakes up may still publish', { failure: error.message });
  }
}
