import { header, type AnswerHeaders } from '../http/headers.js';

/** A Date header has whole seconds: on average it is half a second behind. */
const HALF_SECOND_MS = 500;

/**
 * Clari's clock, as far as the Date headers of its answers tell: times of its jobs are compared with this one, since the clock of
 * this machine may be wrong.
 */
export class ServerClock {
  #offset = 0;

  /** `answeredAt`: this machine's time of the answer, epoch milliseconds. A header that is no date is passed over. */
  learn(headers: AnswerHeaders, answeredAt = Date.now()): void {
    const date = Date.parse(header(headers, 'date') ?? '');
    if (Number.isFinite(date)) this.#offset = date + HALF_SECOND_MS - answeredAt;
  }

  /** Epoch milliseconds. This machine's time where no answer told another. */
  now(): number {
    return Date.now() + this.#offset;
  }
}
