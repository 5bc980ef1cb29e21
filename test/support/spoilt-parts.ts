import type { Destination } from '../../src/destinations/port.js';
import type { Redactor } from '../../src/redaction/port.js';
import type { AdaptParts } from '../../src/worker/parts.js';

/** A worker whose redaction ends so. */
export const withRedaction =
  (redact: Redactor['redact']): AdaptParts =>
  (made) => ({
    ...made,
    connections: made.connections.map((one) => ({ ...one, redactor: { ...one.redactor, redact } })),
  });

/** A worker whose loads end so. */
export const withLoads =
  (prepare: Destination['prepare']): AdaptParts =>
  (made) => ({
    ...made,
    connections: made.connections.map(({ destination: real, ...one }) => ({
      ...one,
      destination: {
        label: real.label,
        check: () => real.check(),
        published: (load) => real.published(load),
        landed: (query) => real.landed(query),
        prepare,
      },
    })),
  });
