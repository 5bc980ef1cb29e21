import type { Answer, Exchange } from '../exchange.js';
import { shownJobs } from './shown-jobs.js';
import { statusAnswer } from './stages.js';

/** Lets an endpoint process a request, once or twice, and gives what a client is to see of its answer. */
export async function processed(exchange: Exchange, endpoint: () => Answer | Promise<Answer>): Promise<Answer> {
  const { faults, world, entry } = exchange;
  const duplicate = faults.of('duplicate');
  const answer = duplicate === undefined ? await endpoint() : await twice(exchange, endpoint, duplicate.answer);
  world.journal.changed(entry);
  const status = faults.of('status');
  return status === undefined ? shownJobs(exchange, answer) : statusAnswer(exchange, status);
}

async function twice(
  { entry }: Exchange,
  endpoint: () => Answer | Promise<Answer>,
  which: 'first' | 'second',
): Promise<Answer> {
  const first = { answer: await endpoint(), jobId: entry.jobId };
  const second = { answer: await endpoint(), jobId: entry.jobId };
  const [told, other] = which === 'first' ? [first, second] : [second, first];
  entry.jobId = told.jobId;
  if (other.jobId !== told.jobId) entry.duplicateJobId = other.jobId;
  return told.answer;
}
