import { ExportError } from '../model/export-error.js';
import { keyBlocks, keyMark, type KeyBlocks, type RedactionKey } from './key-blocks.js';
import { checkPolicy, needsKey, policyMark, type RedactionPolicy } from './policy.js';
import type { RedactionPhase, Redactor } from './port.js';
import { splitFile, type SplitFile } from './split-file.js';
import { writeTables } from './write-tables.js';

export interface RedactorOptions {
  readonly policy: RedactionPolicy;
  /** Required by a policy that makes keyed pseudonyms; not read otherwise. */
  readonly key?: RedactionKey;
  /** DuckDB's memory in megabytes; the process takes some 130 more. Default 320; below 256 it slows down. */
  readonly memoryLimitMb?: number;
  /** DuckDB's threads. Default 2. */
  readonly threads?: number;
  /** Write the rows in the order of Clari's file. Default false: DuckDB makes them with one thread alone where they have an order. */
  readonly keepOrder?: boolean;
}

/** How often a long step says that it is still at work. */
const PROGRESS_MS = 1000;

/** @throws ExportError `PolicyRefused` for an unusable policy, `RedactionKeyUnusable` for a missing key */
export function createRedactor(options: RedactorOptions): Redactor {
  const { policy, key, memoryLimitMb = 320, threads = 2, keepOrder = false } = options;
  checkPolicy(policy);
  const keyed = needsKey(policy);
  if (keyed && key === undefined) {
    throw new ExportError(
      'RedactionKeyUnusable',
      `The policy ${policy.name} needs a redaction key, and none is configured.`,
    );
  }
  const used = keyed ? key : undefined;
  const mark = policyMark(policy);

  return {
    policyMark: mark,
    keyMark: async () => (used === undefined ? null : keyMark(used)),
    async redact(input) {
      let bytesRead = 0;
      let phase: RedactionPhase = 'splitting';
      const { signal, scratch } = input;
      const report = (): void => input.onProgress({ bytesRead, phase });
      const enter = (next: RedactionPhase): void => {
        phase = next;
        report();
      };
      const ticking = setInterval(report, PROGRESS_MS);
      let blocks: KeyBlocks | undefined;
      const files: SplitFile[] = [];
      try {
        // Before the long part: an unusable key should not cost a split.
        blocks = used === undefined ? undefined : await keyBlocks(used);
        report();
        for (const open of input.files) {
          const before = bytesRead;
          files.push(await splitFile(open, { signal, scratch, onBytes: (bytes) => (bytesRead = before + bytes) }));
        }
        const written = await writeTables({
          input,
          policy,
          files,
          blocks,
          enter,
          limits: { memoryLimitMb, threads, preserveInsertionOrder: keepOrder },
        });
        return { ...written, policy: mark, key: blocks?.mark ?? null };
      } finally {
        clearInterval(ticking);
        blocks?.wipe();
        for (const { pieces } of files) await pieces.close();
      }
    },
  };
}
