import type { DuckDbLimits } from '../duckdb/options.js';
import { ExportError } from '../model/export-error.js';
import type { KeyMark, PolicyMark } from '../model/receipt.js';
import { keyBlocks, type KeyBlocks, type RedactionKey } from './key-blocks.js';
import { checkPolicy, needsKey, policyMark, type RedactionPolicy } from './policy.js';
import type { RedactionInput, RedactionPhase } from './port.js';

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

/** What a redaction has to say while it is at work, and the key that it may use. */
export interface WorkingHands {
  readonly blocks: KeyBlocks | undefined;
  readonly enter: (phase: RedactionPhase) => void;
  /** Bytes of the file, or of all files, that have been read. */
  readonly onBytes: (bytes: number) => void;
}

/** A policy and a key that fit, as every redaction uses them. */
export class RedactionWork {
  readonly policy: RedactionPolicy;
  readonly mark: PolicyMark;
  readonly limits: DuckDbLimits;
  /** Undefined under a policy without one. */
  readonly key: RedactionKey | undefined;

  /** @throws ExportError `PolicyRefused` for an unusable policy, `RedactionKeyUnusable` for a missing key */
  constructor({ policy, key, memoryLimitMb = 320, threads = 2, keepOrder = false }: RedactorOptions) {
    checkPolicy(policy);
    const keyed = needsKey(policy);
    if (keyed && key === undefined) {
      throw new ExportError(
        'RedactionKeyUnusable',
        `The policy ${policy.name} needs a redaction key, and none is configured.`,
      );
    }
    this.policy = policy;
    this.key = keyed ? key : undefined;
    this.mark = policyMark(policy);
    this.limits = { memoryLimitMb, threads, preserveInsertionOrder: keepOrder };
  }

  /** Runs `work` with the key's blocks, which are wiped after it, while progress is told. */
  async run<T>(
    onProgress: RedactionInput['onProgress'],
    work: (hands: WorkingHands) => Promise<T>,
  ): Promise<T & { readonly policy: PolicyMark; readonly key: KeyMark | null }> {
    let bytesRead = 0;
    let phase: RedactionPhase = 'splitting';
    const report = (): void => onProgress({ bytesRead, phase });
    const enter = (next: RedactionPhase): void => {
      phase = next;
      report();
    };
    const ticking = setInterval(report, PROGRESS_MS);
    let blocks: KeyBlocks | undefined;
    try {
      // Before the long part: an unusable key should not cost a split.
      blocks = this.key === undefined ? undefined : await keyBlocks(this.key);
      report();
      const done = await work({ blocks, enter, onBytes: (bytes) => (bytesRead = bytes) });
      return { ...done, policy: this.mark, key: blocks?.mark ?? null };
    } finally {
      clearInterval(ticking);
      blocks?.wipe();
    }
  }
}
