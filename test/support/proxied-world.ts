import { ClariProxy } from './clari-proxy.js';
import { startWorld, type World, type WorldOptions } from './world.js';

/** A world whose worker reaches Clari through a proxy that spoils answers; both are to be closed, the world first. */
export async function startProxied(
  options: Omit<WorldOptions, 'apiUrl'>,
): Promise<{ readonly world: World; readonly proxy: ClariProxy }> {
  const proxies: ClariProxy[] = [];
  const world = await startWorld({
    ...options,
    apiUrl: async (clari) => {
      const proxy = await ClariProxy.start(clari.apiUrl);
      proxies.push(proxy);
      return proxy.apiUrl;
    },
  });
  const [proxy] = proxies;
  if (!proxy) throw new Error('The world asked for no address of Clari.');
  return { world, proxy };
}
