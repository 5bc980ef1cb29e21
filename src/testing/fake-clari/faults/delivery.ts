import type { StruckFaults } from './struck.js';

/** How the bytes of a body go out. */
export interface Delivery {
  /** No more than these. */
  readonly most: number;
  /** What happens when `most` are out. */
  readonly atMost: Ending;
  /** What happens when the body is out before that. */
  readonly atEnd: Ending;
  readonly drip: { readonly bytes: number; readonly everyMs: number; readonly afterBytes: number } | undefined;
}

/** `whole`: as HTTP ends a body. `close` and `reset`: the connection goes. `stall`: nothing more happens. */
export type Ending = 'whole' | 'close' | 'reset' | 'stall';

/** Of several faults that end a body the one that comes first counts. */
export function deliveryOf(faults: StruckFaults, isLink: boolean): Delivery {
  const expiry = isLink ? faults.of('expire-links')?.afterBytes : undefined;
  const endless = faults.of('chunked')?.terminated === false;
  const atEnd = endless || faults.of('wrong-length') !== undefined ? 'close' : 'whole';
  const endings: { readonly most: number; readonly atMost: Ending }[] = [
    { most: faults.of('reset')?.afterBytes ?? Infinity, atMost: 'reset' },
    { most: expiry ?? Infinity, atMost: 'reset' },
    { most: faults.of('cut')?.afterBytes ?? Infinity, atMost: 'close' },
    { most: faults.of('stall')?.afterBytes ?? Infinity, atMost: 'stall' },
    { most: faults.of('shorten')?.afterBytes ?? Infinity, atMost: atEnd },
  ];
  const first = endings.reduce((before, other) => (other.most < before.most ? other : before));
  return { ...first, atEnd, drip: faults.of('drip') };
}
