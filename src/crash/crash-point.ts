import { writeSync } from 'node:fs';
import process from 'node:process';

/** Places where a test can kill the worker, in the order of an export. */
export const crashPoints = [
  'after-claim',
  'after-intent',
  'after-post',
  'after-record',
  'while-polling',
  'after-link',
  'mid-download',
  'after-download',
  'mid-redaction',
  'after-redaction',
  'mid-staging',
  'before-publish',
  'after-publish',
  'before-discard',
  'before-cancel',
  'after-cancel',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Names the place at which this process dies by SIGKILL, for tests alone. */
const VARIABLE = 'CLARI_TEST_CRASH_AT';

const wanted = process.env[VARIABLE];
if (wanted && !crashPoints.some((point) => point === wanted)) {
  throw new RangeError(`${VARIABLE}: must be one of ${crashPoints.join(', ')}`);
}

/** Kills the process where a test asked for it; does nothing otherwise. */
export const crashPoint: (point: CrashPoint) => void = wanted
  ? (point) => {
      if (point !== wanted) return;
      // Nothing of the usual way out: what is not on disk or sent by now is lost, as in a real crash.
      writeSync(process.stderr.fd, `crash at ${point}\n`);
      process.kill(process.pid, 'SIGKILL');
    }
  : () => undefined;
