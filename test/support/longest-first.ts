import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They wait long for servers and time-outs: begun last, one of them by itself would keep a run from its end. */
const longest = ['chaos', 'split', 'canary', 'waiting', 'held', 'outages', 'waits'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted].sort((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = longest.findIndex((name) => new RegExp(`/promises/.*/${name}\\.(long\\.)?test\\.ts$`).test(moduleId));
  return at === -1 ? longest.length : at;
}
