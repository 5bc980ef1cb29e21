import { whatKey } from '../../src/activities/start-export.js';
import { typesAsked, type ExportForecastRequest } from '../../src/model/request.js';
import { partRequest } from '../../src/model/split.js';
import { whatOf } from './clari-evidence.js';
import type { Evidence } from './evidence.js';

/** What each type of a request asks for by itself, as texts; nothing where it may not be split. */
export const partsAsked = (request: ExportForecastRequest): readonly string[] =>
  request.splitIfTruncated ? typesAsked(request).map((type) => whatOf(partRequest(request, type))) : [];

/** What the keys of the ledger stand for: those of what runs asked for, and of the parts of each export of theirs. */
export function whatByKey({ ledger, runs }: Pick<Evidence, 'ledger' | 'runs'>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { request } of runs) {
    const key = whatKey(ledger.account, request);
    found.set(key, whatOf(request));
    if (!request.splitIfTruncated) continue;
    for (const { exportId } of ledger.entries.filter((entry) => entry.whatKey === key))
      for (const type of typesAsked(request)) {
        const part = partRequest(request, type);
        found.set(whatKey(ledger.account, part, exportId), whatOf(part));
      }
  }
  return found;
}
