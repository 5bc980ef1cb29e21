import type { Answer, Exchange } from '../exchange.js';
import type { FakeJob } from '../job.js';
import type { FaultOf } from './kinds.js';

type Fields = Readonly<Record<string, unknown>>;

/** Jobs and limits as faults let a client see them. */
export function shownJobs(exchange: Exchange, answer: Answer): Answer {
  if (answer.kind !== 'json' || answer.status !== 200) return answer;
  switch (exchange.entry.endpoint) {
    case 'jobStatus':
      return { ...answer, body: withWord(exchange, answer.body as Fields) };
    case 'jobList':
      return { ...answer, body: withoutNewest(exchange, answer.body) };
    case 'limits':
      return { ...answer, body: withOthersLimits(exchange, answer.body as { readonly jobs: Fields }) };
    default:
      return answer;
  }
}

function withWord({ faults }: Exchange, body: Fields): Fields {
  const strike = faults.strike('states');
  const word = faults.of('states')?.words[(strike?.nthOfJob ?? 0) - 1];
  if (word === undefined) return body;
  const told = (job: Fields): Fields => {
    const { downloadUrl: _, ...others } = job;
    return { ...others, status: word };
  };
  return 'job' in body ? { ...body, job: told(body['job'] as Fields) } : told(body);
}

function withoutNewest(exchange: Exchange, body: unknown): unknown {
  const { world, faults, holder } = exchange;
  const lag = faults.of('job-list-lag');
  if (lag === undefined) return body;
  const hidden = hiddenJobs(
    exchange,
    lag,
    world.jobs.all().filter(({ userId }) => userId === holder?.userId),
  );
  if (hidden.size === 0) faults.withdraw('job-list-lag');
  const rest = (jobs: readonly Fields[]): readonly Fields[] =>
    jobs.filter((job) => !hidden.has(String(job['jobId'] ?? job['id'])));
  if (Array.isArray(body)) return rest(body as readonly Fields[]);
  return Object.fromEntries(
    Object.entries(body as Fields).map(([name, list]) => [
      name,
      Array.isArray(list) ? rest(list as readonly Fields[]) : list,
    ]),
  );
}

/** The limits agree with rules that are in force for other endpoints. */
function withOthersLimits(exchange: Exchange, body: { readonly jobs: Fields }): unknown {
  const { world, request, holder } = exchange;
  const token = request.headers['apikey'];
  const inForce = world.faults
    .inForce({ userId: holder?.userId, token: typeof token === 'string' ? token : undefined })
    .map(({ fault }) => fault);
  const jobs: Record<string, unknown> = { ...body.jobs };
  for (const limit of world.faults.shortages())
    jobs[limit === 'monthly' ? 'availableMonthlyQuota' : 'availableConcurrentLimit'] = 0;
  for (const fault of inForce) {
    if (fault.kind !== 'job-list-lag' || !fault.inLimits) continue;
    const hidden = hiddenJobs(exchange, fault, world.jobs.all());
    for (const list of ['runningJobIds', 'submittedJobIds'])
      if (Array.isArray(jobs[list])) jobs[list] = jobs[list].filter((jobId) => !hidden.has(String(jobId)));
  }
  return { ...body, jobs };
}

/** `jobs`: oldest first. */
function hiddenJobs(
  { world }: Exchange,
  { newest, youngerThanMs }: FaultOf<'job-list-lag'>,
  jobs: readonly FakeJob[],
): ReadonlySet<string> {
  const count = newest ?? (youngerThanMs === undefined ? 1 : 0);
  const since = world.settings.now() - (youngerThanMs ?? 0);
  const hidden = jobs.filter(
    ({ startTime }, index) => index >= jobs.length - count || (youngerThanMs !== undefined && startTime > since),
  );
  return new Set(hidden.map(({ jobId }) => jobId));
}
