import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import type { ExportHandle } from '../../support/runs.js';
import type { Scene, SceneName } from './scenes.js';

/** Somebody of the files, and somebody whom no file's list of users has. */
export interface People {
  readonly name: string;
  readonly email: string;
  readonly surname: string;
  readonly stranger: string;
}

export type Fault = FaultRule['fault'];
export type Endpoint = NonNullable<NonNullable<FaultRule['match']>['endpoint']>;

/** What goes wrong at Clari with the requests for the run's own forecast: the first `times`, by default all. */
export interface Wrong {
  readonly endpoint: Endpoint;
  readonly times?: number;
  readonly fault: Fault;
}

/** Another body in place of Clari's, in all answers of a kind about the run's own job. */
export interface Spoilt {
  readonly what: 'status' | 'results';
  readonly body: (body: string, people: People, scene: Scene) => string;
}

/** A run, and what happens to it. */
export interface ScriptedRun {
  /** Of the run, and of its forecast, which no other run asks for. */
  readonly name: string;
  readonly scene: SceneName;
  readonly request?: Readonly<Record<string, unknown>>;
  readonly wrong?: (people: People) => readonly Wrong[];
  readonly spoilt?: readonly Spoilt[];
  /** Changes the scene, so that no other run may be under way; gives what puts it right again. */
  readonly alone?: (scene: Scene, people: People) => Promise<() => Promise<unknown>>;
  /** Goes on beside the run. */
  readonly meanwhile?: (scene: Scene, run: ExportHandle, people: People) => Promise<void>;
}

export interface FailingRun extends ScriptedRun {
  /** It is an attempt that fails so; the run is then cancelled, which must leave nothing either. Default: the run ends so. */
  readonly passing?: true;
  /** It waits for a worker with another configuration. */
  readonly untilReplaced?: true;
}

export const always = (endpoint: Endpoint, fault: Fault): Wrong => ({ endpoint, fault });
export const coded = (endpoint: Endpoint, status: number, code: string, message: string): Wrong =>
  always(endpoint, { kind: 'status', status, envelope: 'coded', namespace: 'fcw', code, message });
export const inPage = (endpoint: Endpoint, status: number, message: string): Wrong =>
  always(endpoint, { kind: 'status', status, envelope: 'html', message });

/** Clari’s job takes a minute and more. */
export const waiting: Wrong = always('jobStatus', {
  kind: 'states',
  words: Array.from({ length: 100 }, () => 'SCHEDULED'),
});
/** Clari’s job takes some seconds. */
export const soonReady: Wrong = always('jobStatus', { kind: 'states', words: ['SCHEDULED', 'SCHEDULED'] });

/** More than a run asks for. */
const MOST_ANSWERS = 10;

export const STRANGER = 'Ada Wuqezimo';

/** Taken from the first two users of a file of this forecast; all files have the same people. */
export function peopleOf({ world: { clari } }: Scene, forecastId: string): People {
  const file = {
    timePeriod: '2027_Q2',
    typesToExport: ['forecast'],
    currency: null,
    includeHistorical: false,
  } as const;
  const [name, email] = [...clari.expectedFor(forecastId, file).personalValues()].map(({ value }) => value);
  if (name === undefined || email === undefined) throw new RangeError(`${forecastId} has no users`);
  return { name, email, surname: name.split(' ').at(-1) ?? name, stranger: STRANGER };
}

/** All that goes wrong at Clari, each for the forecast of its own run. */
export function rulesFor(runs: readonly ScriptedRun[], people: People): FaultRule[] {
  return runs.flatMap(({ name, wrong }) =>
    (wrong?.(people) ?? []).map(({ endpoint, times = 'always' as const, fault }) => ({
      match: { endpoint, forecastId: name },
      times,
      fault,
    })),
  );
}

/** Starts a run as its script has it. */
export async function begin(scene: Scene, run: ScriptedRun, people: People): Promise<ExportHandle> {
  const { clari } = scene.world;
  const jobPath = (): string => {
    const job = clari.jobs.all().findLast(({ request }) => request.forecastId === run.name);
    return `/v4/export/jobs/${job?.jobId ?? 'none'}`;
  };
  for (const { what, body } of run.spoilt ?? []) {
    for (let time = 0; time < MOST_ANSWERS; time += 1) {
      void scene.proxy.spoilNext({
        fits: (method, path) => method === 'GET' && path === `${jobPath()}${what === 'results' ? '/results' : ''}`,
        does: (given) => Buffer.from(body(given.toString('utf8'), people, scene)),
      });
    }
  }
  return scene.start(run.name, run.request);
}
