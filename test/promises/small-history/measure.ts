import proto from '@temporalio/proto';
import { actionsOf, type Actions } from '../../support/actions.js';
import { CallTally } from '../../support/call-tally.js';
import { sizeOf, type HistorySize } from '../../support/histories.js';
import { openWorld, type Ground } from '../../support/open-world.js';
import type { Case } from './cases.js';

const { History } = proto.temporal.api.history.v1;

/** What one export left on Temporal's server, and asked of it. */
export interface Measured extends HistorySize {
  /** Bytes of the history as the server keeps it. */
  readonly serialized: number;
  readonly actions: Actions;
  /** That reached the server. Each is one more Action. */
  readonly heartbeats: number;
  /** Of real time, from before the start to after the end. */
  readonly seconds: number;
}

/** Runs a case in a world of its own. */
export async function measure({ address, codePath }: Ground, { options, run }: Case): Promise<Measured> {
  const tally = await CallTally.start(address);
  try {
    const world = await openWorld({ address: tally.address, codePath }, options);
    try {
      const began = performance.now();
      const handle = await run(world);
      const seconds = (performance.now() - began) / 1000;
      const history = await handle.fetchHistory();
      return {
        ...sizeOf(history),
        serialized: History.encode(history).finish().byteLength,
        actions: await actionsOf(world, handle),
        heartbeats: tally.of('RecordActivityTaskHeartbeat'),
        seconds,
      };
    } finally {
      await world.close();
    }
  } finally {
    await tally.close();
  }
}
