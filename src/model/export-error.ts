import type { FailureType } from './failures.js';

export interface ExportErrorOptions {
  /** How long to wait before another attempt, in milliseconds, when the source of the error said so. */
  readonly retryAfterMs?: number;
}

/**
 * What every room throws when it knows what went wrong. `type` is a row of the failure table, which decides the rest.
 *
 * `message` says what happened in one sentence, naming places and identifiers, never data of the export, a token or a link:
 * it ends up in Temporal's history. There is deliberately no `cause`: the SDK copies a cause chain, messages and all, into
 * the history, and a foreign error's message may hold a cell value or a URL.
 */
export class ExportError extends Error {
  override readonly name: string = 'ExportError';
  readonly type: FailureType;
  readonly retryAfterMs: number | undefined;

  constructor(type: FailureType, message: string, options: ExportErrorOptions = {}) {
    super(message);
    this.type = type;
    this.retryAfterMs = options.retryAfterMs;
  }
}
