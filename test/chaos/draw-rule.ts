import type { EndpointName, FaultRule } from '../../src/testing/fake-clari/index.js';
import type { Draw } from './draw.js';
import type { Scene } from './scene.js';

type Given = FaultRule['fault'];
type Endpoints = readonly [EndpointName, ...EndpointName[]];

const calls: Endpoints = [
  'limits',
  'createForecastExport',
  'createForecastExport',
  'jobList',
  'jobStatus',
  'cancelJob',
];
const statuses = [429, 500, 502, 503, 504] as const;
/** Rules that struck nobody go, so that the end of a plan is not worse than its beginning. */
const LASTS_MS = 25_000;

/** A fault of Clari's that every run has to survive, or to end from as its failure table says. */
export function drawRule(draw: Draw, scene: Scene): FaultRule {
  const files: Endpoints = scene.dialect === 'brief' ? ['link'] : ['results'];
  const anything: Endpoints =
    scene.dialect === 'brief' ? [...calls, 'forecastList', 'link', 'link'] : [...calls, 'results', 'results'];
  const on = (endpoints: Endpoints, fault: Given, more: Partial<FaultRule> = {}): FaultRule => ({
    match: { endpoint: draw.oneOf(endpoints) },
    times: draw.between(1, 2),
    forMs: LASTS_MS,
    fault,
    ...more,
  });
  const posting: Endpoints = ['createForecastExport'];
  const afterBytes = draw.between(0, 900_000);
  const how = draw.oneOf(['reset', 'close'] as const);
  const choices: readonly [() => FaultRule, ...(() => FaultRule)[]] = [
    () => on(anything, { kind: 'lose-request', how }),
    () => on(anything, { kind: 'lose-answer', how }),
    () => on(posting, { kind: draw.oneOf(['lose-answer', 'lose-request']), how }),
    () => on(posting, { kind: draw.oneOf(['lose-answer', 'lose-request']), how }),
    () => on(posting, drawStatus(draw)),
    () => on(posting, { kind: 'duplicate', answer: draw.oneOf(['first', 'second']) }, { times: 1 }),
    () => on(anything, drawStatus(draw)),
    () => on(anything, drawStatus(draw)),
    () => on(anything, { kind: 'delay', ms: draw.between(100, 4_000) }),
    () => on(posting, drawJobEnd(draw), { times: 1 }),
    () => on(posting, { kind: 'job', rowsTruncated: true }, { times: 1 }),
    () => on(posting, { kind: 'duplicate', answer: draw.oneOf(['first', 'second']) }, { times: 1 }),
    () =>
      on(['jobStatus'], { kind: 'states', words: ['HATCHING', 'SULKING'].slice(0, draw.between(1, 2)) }, { times: 3 }),
    () => drawLag(draw),
    () => drawShortage(draw),
    () => on(files, { kind: 'gzip', flaw: draw.oneOf(['none', 'no-trailer', 'wrong-crc']), unasked: draw.chance(0.5) }),
    () => on(files, { kind: 'etag', variant: draw.oneOf(['moving', 'changed', 'weak', 'none']) }, { times: 4 }),
    () => on(files, { kind: 'ignore-range' }),
    () => on(files, { kind: 'refuse-range', contentRange: draw.chance(0.5) }),
    () => on(files, drawWrongRange(draw)),
    () => on(files, { kind: 'wrong-length', by: draw.oneOf([-1000, -1, 1, 1000]) }),
    () => on(files, { kind: 'chunked', terminated: draw.chance(0.5) }),
    () => on(files, { kind: 'drip', bytes: 40_000, everyMs: 100, afterBytes }),
    () => on(files, { kind: 'shorten', afterBytes }, { times: 1 }),
    () => on(files, { kind: 'cut', afterBytes }),
    () => on(files, { kind: 'cut', afterBytes: draw.between(0, 100_000) }),
    () => on(files, { kind: 'stall', afterBytes }),
    () => on(files, { kind: 'reset', afterBytes }),
    () => on(calls, { kind: draw.oneOf(['cut', 'reset']), afterBytes: draw.between(0, 20) }),
    ...(scene.dialect === 'brief'
      ? [
          () =>
            on(files, {
              kind: 'expire-links',
              status: draw.oneOf([400, 403, 404, 410]),
              ...(draw.chance(0.5) ? { afterBytes } : {}),
            }),
        ]
      : []),
  ];
  return draw.oneOf(choices)();
}

function drawStatus(draw: Draw): Given {
  const status = draw.oneOf(statuses);
  const envelope = draw.oneOf(['html', 'gateway-message', 'empty'] as const);
  const asks = status === 429 && draw.chance(0.7);
  return {
    kind: 'status',
    status,
    ...(status === 429 ? {} : { envelope }),
    ...(asks ? { retryAfter: draw.oneOf<string | number | { dateIn: number }>([1, 3, { dateIn: 2 }, 'soon']) } : {}),
    // Clari did what it was asked for, and says that it failed.
    processed: status !== 429 && draw.chance(0.3),
  };
}

function drawJobEnd(draw: Draw): Given {
  const end = draw.oneOf(['failed', 'rows', 'cells'] as const);
  if (end === 'failed') return { kind: 'job', end };
  return { kind: 'job', ...(end === 'rows' ? { rowsTruncated: true } : { cellsTruncated: true }) };
}

/** Shorter than a run goes on looking for its job (site.ts). */
function drawLag(draw: Draw): FaultRule {
  const inLimits = draw.chance(0.4);
  const fault: Given = { kind: 'job-list-lag', youngerThanMs: draw.between(1_000, 6_000), inLimits };
  return { match: { endpoint: 'jobList' }, times: 'always', forMs: draw.between(4_000, 12_000), fault };
}

function drawShortage(draw: Draw): FaultRule {
  const fault = { kind: 'quota-reached', limit: 'concurrency' } as const;
  if (draw.chance(0.5))
    return { forMs: draw.between(2_000, 6_000), times: 'always', fault: { ...fault, shown: 'before' } };
  return { times: 1, forMs: LASTS_MS, fault: { ...fault, shown: 'after', lastsMs: draw.between(500, 4_000) } };
}

function drawWrongRange(draw: Draw): Given {
  const variant = draw.oneOf(['shifted-header', 'shifted-body', 'wrong-total', 'no-total', 'missing'] as const);
  return { kind: 'wrong-range', variant, by: draw.between(1, 1_000) };
}
