// Run as a process of its own: starts a server, says so, and waits to be killed.
import { startTemporalDevServer } from '../../src/testing/temporal/dev-server.js';

const [executable] = process.argv.slice(2);
if (executable === undefined) throw new Error('Usage: orphan-maker EXECUTABLE');
const { pid, address } = await startTemporalDevServer({ executable });
console.log(JSON.stringify({ pid, address }));
setInterval(() => undefined, 60_000);
