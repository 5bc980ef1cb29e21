import type { AccountState } from '../../src/model/account.js';
import type { ClariEvidence } from './clari-evidence.js';
import type { Intervention } from './draw-export.js';
import type { RunEvidence } from './runs-evidence.js';
import type { WarehouseEvidence } from './warehouse.js';

/** All that is known when everything has ended. */
export interface Evidence {
  readonly clari: ClariEvidence;
  readonly ledger: AccountState;
  readonly runs: readonly RunEvidence[];
  readonly interventions: readonly { readonly workflowId: string; readonly does: Intervention['does'] }[];
  readonly warehouse: WarehouseEvidence;
  /** When something kept a worker from Clari, or the worker itself from going on, epoch milliseconds. */
  readonly disturbed: readonly { readonly from: number; readonly to: number }[];
  /** Files that ended runs left in staging. */
  readonly staged: readonly string[];
  /** Values that must not be there, by where they were found. */
  readonly leaks: readonly { readonly where: string; readonly values: readonly string[] }[];
  /** What went wrong with the bench itself. */
  readonly broken: readonly string[];
}

export interface Violation {
  /** What does not hold. */
  readonly rule: string;
  readonly what: string;
  /** Where to look. */
  readonly lookAt: readonly string[];
}
