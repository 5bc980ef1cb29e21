import type { Reference } from '../../src/model/reference.js';
import type { StagingOwner } from '../../src/staging/port.js';
import type { AdaptParts } from '../../src/worker/parts.js';
import { withoutEpoch } from './staged-files.js';

/** What is about to be read of a run's staging. */
export interface StagingLook {
  readonly owner: StagingOwner;
  /** `raw`, to go on with a download, or what is read to its end. */
  readonly name: string;
  readonly how: 'partial' | 'read' | 'open';
  /** How often that has been looked at so, from 1. */
  readonly time: number;
}

/** A worker whose staging tells of each look at a file before the file is looked at. */
export function watchingStaging(onLook: (look: StagingLook) => Promise<void>): AdaptParts {
  const looks = new Map<string, number>();
  const told = async (owner: StagingOwner, how: StagingLook['how'], name: string): Promise<void> => {
    const key = `${owner.runKey} ${how} ${name}`;
    const time = (looks.get(key) ?? 0) + 1;
    looks.set(key, time);
    await onLook({ owner, name, how, time });
  };
  const nameOf = ({ uri }: Reference): string => withoutEpoch(uri.split('/').at(-1) ?? '');
  return ({ staging: real, ...made }) => ({
    ...made,
    staging: {
      id: real.id,
      leftovers: () => real.leftovers(),
      run(owner) {
        const run = real.run(owner);
        return {
          async partial(name) {
            await told(owner, 'partial', name);
            return run.partial(name);
          },
          produce: (name, write) => run.produce(name, write),
          async read(reference) {
            await told(owner, 'read', nameOf(reference));
            return run.read(reference);
          },
          async open(reference) {
            await told(owner, 'open', nameOf(reference));
            return run.open(reference);
          },
          scratch: () => run.scratch(),
          giveUp: () => run.giveUp(),
          discard: () => run.discard(),
        };
      },
    },
  });
}
