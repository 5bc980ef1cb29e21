import { writeSync } from 'node:fs';
import process from 'node:process';

/** Places where a test can kill the worker or make it stand still, in the order of an export. */
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
  'before-prepare',
  'after-prepare',
  'mid-staging',
  'before-publish',
  'after-commit',
  'after-publish',
  'before-discard',
  'before-cancel',
  'after-cancel',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

interface Trap {
  readonly at: CrashPoint;
  readonly what: 'crash' | 'pause';
  readonly signal: NodeJS.Signals;
}

/** Each names a place, for tests alone: at one the process dies, at the other it stands still, once, until it is sent SIGCONT. */
const traps: Trap[] = [
  ...trap('CLARI_TEST_CRASH_AT', 'crash', 'SIGKILL'),
  ...trap('CLARI_TEST_PAUSE_AT', 'pause', 'SIGSTOP'),
];

function trap(variable: string, what: Trap['what'], signal: NodeJS.Signals): Trap[] {
  const wanted = process.env[variable];
  if (!wanted) return [];
  const at = crashPoints.find((point) => point === wanted);
  if (!at) throw new RangeError(`${variable}: must be one of ${crashPoints.join(', ')}`);
  return [{ at, what, signal }];
}

/** Kills or stops the process where a test asked for it; does nothing otherwise. */
export const crashPoint: (point: CrashPoint) => void =
  traps.length === 0
    ? () => undefined
    : (point) => {
        const place = traps.findIndex(({ at }) => at === point);
        const [sprung] = place === -1 ? [] : traps.splice(place, 1);
        if (!sprung) return;
        // Nothing of the usual way out: what is not on disk or sent by now is lost, as in a real crash.
        writeSync(process.stderr.fd, `${sprung.what} at ${point}\n`);
        process.kill(process.pid, sprung.signal);
      };
