import { ExportError, type ExportErrorOptions } from '../model/export-error.js';
import type { FailureType } from '../model/failures.js';

export interface ClariErrorDetails extends ExportErrorOptions {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly errorId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly outcomeUnknown?: boolean;
}

/** A call to Clari that did not end well. `message` is one sentence with Clari's ids, never with Clari's own message. */
export class ClariError extends ExportError {
  override readonly name: string = 'ClariError';
  /** HTTP status; undefined where no answer came. */
  readonly status: number | undefined;
  /** Clari's code, like `no_optin`. */
  readonly code: string | undefined;
  /** What Clari's support asks for. */
  readonly errorId: string | undefined;
  /** The same of Clari's gateway. */
  readonly requestId: string | undefined;
  /** True when the call may have had its effect all the same: only of one that makes a job. */
  readonly outcomeUnknown: boolean;

  constructor(type: FailureType, message: string, details: ClariErrorDetails = {}) {
    super(type, message, details);
    this.status = details.status;
    this.code = details.code;
    this.errorId = details.errorId;
    this.requestId = details.requestId;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
  }
}
