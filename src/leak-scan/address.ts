import { request, type Dispatcher } from 'undici';
import type { Looked } from './looked.js';
import type { Search } from './search.js';

/** Looks at what an address answers: a metrics endpoint, say. The place is the address without its query. */
export async function lookAtAddress(search: Search, url: URL, dispatcher: Dispatcher): Promise<Looked> {
  const place = `${url.origin}${url.pathname}`;
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    const { bytes, values } = await search.inPieces(body);
    return { place, bytes, values, ...(statusCode < 300 ? {} : { fault: `it answered ${statusCode}` }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return { place, bytes: 0, values: [], fault: `it gave no answer (${code})` };
  }
}
