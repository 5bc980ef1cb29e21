import type { Answer, Exchange } from '../exchange.js';
import type { ByteRange } from '../range.js';
import type { FaultOf } from './kinds.js';
import type { StruckFaults } from './struck.js';

/* A strike that changes nothing does not count: here it is taken back, before the first byte goes out. */

/** Takes back what an answer of this kind gives no occasion for. */
export function withdrawOfAnswer({ entry, faults }: Exchange, answer: Answer): void {
  if (answer.kind !== 'file') faults.withdraw('etag', 'ignore-range', 'refuse-range', 'wrong-range');
  if (answer.kind !== 'json' || answer.status !== 200) faults.withdraw('states', 'job-list-lag');
  // A creation that was refused, or never came to its endpoint.
  if (entry.jobId === undefined) faults.withdraw('job');
}

/** Takes back what is about ranges. `honest`: the part that is due; `shown`: what faults let the client have in its place. */
export function withdrawOfRange(
  faults: StruckFaults,
  honest: ByteRange | 'unsatisfiable' | undefined,
  shown: ByteRange | 'unsatisfiable' | undefined,
): void {
  const refusal = faults.of('refuse-range');
  if (honest === undefined) faults.withdraw('ignore-range');
  if (shown !== 'unsatisfiable' || (honest === shown && refusal?.contentRange === true))
    faults.withdraw('refuse-range');
  const lie = faults.of('wrong-range');
  if (lie !== undefined && !(typeof shown === 'object' && isLie(lie, shown))) faults.withdraw('wrong-range');
}

/** Nothing begins earlier than the first byte. */
const isLie = ({ variant }: FaultOf<'wrong-range'>, { from }: ByteRange): boolean =>
  from > 0 || (variant !== 'shifted-header' && variant !== 'shifted-body');

/** Takes back what is about a body or its length; `sent`: its bytes as they go out, undefined where nobody knows. */
export function withdrawOfBody(faults: StruckFaults, sent: number | undefined): void {
  if (faults.of('chunked') !== undefined) faults.withdraw('wrong-length');
  if (sent === undefined) return;
  if (sent === 0) faults.withdraw('gzip');
  for (const kind of ['shorten', 'drip'] as const)
    if ((faults.of(kind)?.afterBytes ?? 0) >= sent) faults.withdraw(kind);
  for (const kind of ['cut', 'stall', 'reset'] as const)
    if ((faults.of(kind)?.afterBytes ?? 0) > sent) faults.withdraw(kind);
}
