/** Run as a process of its own: fetches one address through the package's dispatcher and says what came of it. */
import { createDispatcher } from '../../src/http/dispatcher.js';
import { describeTransportFault } from '../../src/http/transport-error.js';

const url = new URL(process.argv[2] ?? '');
const dispatcher = createDispatcher();
try {
  const { statusCode, body } = await dispatcher.request({ origin: url.origin, path: url.pathname, method: 'GET' });
  await body.dump();
  console.log(`answered ${statusCode}`);
} catch (error) {
  console.log(`failed: ${describeTransportFault(error).kind}`);
} finally {
  await dispatcher.close();
}
