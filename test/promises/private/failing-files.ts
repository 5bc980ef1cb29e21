import type { FailureType } from '../../../src/model/failures.js';
import { holdMessages } from '../../../src/model/hold.js';
import { stage } from '../../support/runs.js';
import { shortened } from './scenes.js';
import { always, soonReady, type FailingRun } from './scripted-runs.js';

/** Failures of the file, of redaction, destination and staging. */
export const failingFiles = {
  ExportTruncated: [
    {
      name: 'truncated',
      scene: 'results',
      spoilt: [{ what: 'status', body: (body) => body.replace('"rowsTruncated":false', '"rowsTruncated":true') }],
    },
  ],
  FileMalformed: [
    {
      name: 'broken-off-in-an-email',
      scene: 'results',
      spoilt: [{ what: 'results', body: (body) => body.slice(0, body.indexOf('"email":"') + 20) }],
    },
    {
      name: 'text-for-file',
      scene: 'results',
      wrong: ({ email }) => [always('results', { kind: 'status', status: 200, envelope: 'text', message: email })],
    },
    {
      name: 'list-that-is-a-name',
      scene: 'results',
      spoilt: [{ what: 'results', body: (_body, { name }) => JSON.stringify({ [name]: [], entries: name }) }],
    },
  ],
  WrongTimePeriod: [
    {
      name: 'period-is-a-name',
      scene: 'results',
      spoilt: [
        {
          what: 'results',
          body: (body, { stranger }) => body.replace('"timePeriodId":"2027_Q2"', `"timePeriodId":"${stranger}"`),
        },
      ],
    },
    { name: 'fallen-back', scene: 'results', request: { timePeriod: '2039_Q1' } },
  ],
  WrongCurrency: [
    {
      name: 'currency-is-a-name',
      scene: 'results',
      request: { currency: 'EUR' },
      spoilt: [{ what: 'results', body: (body, { stranger }) => body.replace('"code":"EUR"', `"code":"${stranger}"`) }],
    },
    {
      name: 'left-in-dollars',
      scene: 'results',
      request: { currency: 'EUR' },
      spoilt: [{ what: 'results', body: (body) => body.replace('"code":"EUR"', '"code":"USD"') }],
    },
  ],
  ExportHeld: [
    {
      name: 'nothing-after-something',
      scene: 'results',
      async alone(scene) {
        const before = await scene.start('nothing-after-something');
        await before.result();
        return () => Promise.resolve();
      },
      spoilt: [{ what: 'results', body: (body) => body.replace(/"entries":\[.*?\],"users"/s, '"entries":[],"users"') }],
      async meanwhile(_scene, run) {
        await stage(run, 'held');
        await run.executeUpdate(holdMessages.reject, { args: [{ by: 'QA-17' }] });
      },
    },
  ],
  ValueRejected: [
    {
      name: 'name-for-a-number',
      scene: 'results',
      spoilt: [
        {
          what: 'results',
          body: (body, { name }) =>
            body.replace(/"forecastValue":[-\d.]+/, () => `"forecastValue":${JSON.stringify(name)}`),
        },
      ],
    },
    {
      name: 'nul-in-an-email',
      scene: 'results',
      spoilt: [{ what: 'results', body: (body) => body.replace(/"email":"(\w{4})/, '"email":"$1\\u0000') }],
    },
  ],

  LeakFound: [
    {
      name: 'name-for-a-label',
      scene: 'results',
      spoilt: [
        {
          what: 'results',
          body: (body, { name }) => body.replace(/"fieldName":"[^"]*"/, () => `"fieldName":${JSON.stringify(name)}`),
        },
      ],
    },
    {
      name: 'email-for-a-role',
      scene: 'results',
      spoilt: [
        { what: 'results', body: (body, { email }) => body.replace('"hierarchyName":"', `"hierarchyName":"${email} `) },
      ],
    },
  ],
  RedactionKeyUnusable: [
    {
      name: 'short-key',
      scene: 'results',
      alone: (scene) => scene.replaceSecret('key', shortened),
    },
  ],

  DestinationBusy: [
    {
      name: 'cancelled-storing',
      scene: 'results',
      passing: true,
      wrong: () => [soonReady],
      alone: (scene) => Promise.resolve(() => scene.releaseDestination()),
      meanwhile: (scene, run) => scene.holdDestinationOf(run),
    },
  ],
  DestinationIncompatible: [
    { name: 'another-file', scene: 'links', alone: (scene, { name }) => scene.replaceDestination(name.repeat(2_000)) },
  ],
  // Last of its scene: whoever makes a job looks at the destination first, and its lease outlives a run that gives up there.
  DestinationUnavailable: [
    { name: 'no-destination', scene: 'links', alone: (scene) => scene.replaceDestination(undefined) },
  ],

  StagingLost: [
    {
      name: 'staged-file-lost',
      scene: 'links',
      // Slow enough for the file to be gone before it is whole, every time.
      wrong: () => [always('link', { kind: 'drip', bytes: 4_000, everyMs: 100 })],
      meanwhile: (scene, run) => scene.keepLosing(run, 'raw.part'),
    },
  ],
  StagingFull: [{ name: 'no-room-in-staging', scene: 'results', passing: true, alone: (scene) => scene.fillStaging() }],
  StagingTooSmall: [
    {
      name: 'too-large-for-staging',
      scene: 'links',
      wrong: () => [always('link', { kind: 'wrong-length', by: 100_000_000 })],
    },
  ],
  StagingUnavailable: [
    {
      name: 'staging-in-the-way',
      scene: 'links',
      // Time for the file to be there before the download.
      wrong: () => [soonReady],
      meanwhile: (scene, run, { name }) => scene.blockStaging(run, name),
    },
  ],

  StepTimedOut: [
    {
      name: 'stalled',
      scene: 'links',
      wrong: () => [always('link', { kind: 'stall', afterBytes: 9_000 })],
    },
  ],
} as const satisfies Partial<Record<FailureType, readonly FailingRun[]>>;
