import { inject } from 'vitest';
import { openWorld, type World, type WorldOptions } from './open-world.js';

export { rowsOf, TOKEN, type World, type WorldOptions } from './open-world.js';

/** A world on the server that the whole run of tests shares. */
export function startWorld(options: WorldOptions = {}): Promise<World> {
  return openWorld({ address: inject('temporalAddress'), codePath: inject('workflowBundlePath') }, options);
}
