import type { Destination, LoadIdentity } from '../../src/destinations/port.js';
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
export const withLoads = (prepare: Destination['prepare']): AdaptParts => withDestination(() => ({ prepare }));

/** A worker that is told so of what has been published. */
export const withPublished = (
  published: (load: LoadIdentity, real: Destination) => ReturnType<Destination['published']>,
): AdaptParts => withDestination((real) => ({ published: (load) => published(load, real) }));

/** A destination's methods are those of a class, which a spread leaves behind. */
const withDestination =
  (change: (real: Destination) => Partial<Destination>): AdaptParts =>
  (made) => ({
    ...made,
    connections: made.connections.map(({ destination: real, ...one }) => ({
      ...one,
      destination: {
        label: real.label,
        check: () => real.check(),
        published: (load) => real.published(load),
        landed: (query) => real.landed(query),
        prepare: (load, signal) => real.prepare(load, signal),
        closeRun: (runId) => real.closeRun(runId),
        ...change(real),
      },
    })),
  });
