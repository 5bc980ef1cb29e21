import type { FailureType } from '../../../src/model/failures.js';
import { always, coded, inPage, waiting, type FailingRun, type People, type Wrong } from './scripted-runs.js';

const echo = ({ email, name }: People): string => `The request {"user":"${email}","scopeId":"${name}"} is not valid.`;
const atEchoHost = (body: string, { host }: { readonly host: string }): string =>
  body.replace(/("downloadUrl":"http:\/\/)[^/]+/, `$1${host}`);
const anotherPeriod = { timePeriod: '2039_Q1' } as const;
const lostAnswer: Wrong = { endpoint: 'createForecastExport', times: 1, fault: { kind: 'lose-answer' } };

/** Failures of the request, of rights, of Clari and of its capacity. */
export const failingCalls = {
  InvalidInput: [{ name: 'bad-input', scene: 'results', request: { timePeriod: 'Q9', currency: 5 } }],
  // The input stands in the history, as the failure says: it is none of the texts that are looked for.
  SecretInInput: [{ name: 'secret-input', scene: 'results', request: { apiKey: 'not one of the canaries' } }],
  UnknownConnection: [{ name: 'no-connection', scene: 'results', request: { connection: 'nobodys' } }],
  ConfigurationChanged: [{ name: 'reconfigured', scene: 'results', wrong: () => [waiting], untilReplaced: true }],
  UnknownForecast: [
    {
      name: 'not-configured',
      scene: 'results',
      wrong: (people) => [coded('createForecastExport', 400, 'no_such_forecast_config', echo(people))],
    },
    { name: 'not-listed', scene: 'links', request: { forecastId: 'no_such_forecast' } },
  ],
  RequestRefused: [
    {
      name: 'echoed',
      scene: 'results',
      wrong: (people) => [coded('createForecastExport', 400, 'bad_request', echo(people))],
    },
    {
      name: 'code-is-a-name',
      scene: 'results',
      wrong: (people) => [coded('createForecastExport', 400, people.name, people.email)],
    },
  ],
  UnknownJob: [
    { name: 'job-gone', scene: 'links', wrong: ({ name }) => [inPage('jobStatus', 404, `No job of ${name}`)] },
    { name: 'no-such-job', scene: 'results', request: { jobId: '0123456789abcdef01234567' } },
  ],
  EndpointNotFound: [
    {
      name: 'no-endpoint',
      scene: 'results',
      alone: ({ world: { clari } }, { email }) => {
        const { fault } = inPage('limits', 404, email);
        clari.faults.add({ match: { endpoint: ['limits', 'forecastList'] }, times: 2, fault });
        return Promise.resolve(() => Promise.resolve());
      },
    },
  ],

  SecretUnavailable: [
    {
      name: 'odd-token',
      scene: 'links',
      alone: (scene) => scene.replaceSecret('token', (token) => `${token}\nand ${token}`),
    },
  ],
  TokenRejected: [
    {
      name: 'refused-token',
      scene: 'results',
      wrong: ({ email }) => [
        always('jobStatus', { kind: 'status', status: 401, envelope: 'message', message: `No access for ${email}` }),
      ],
    },
  ],
  NotOptedIn: [
    {
      name: 'not-opted-in',
      scene: 'results',
      wrong: ({ name }) => [coded('createForecastExport', 401, 'no_optin', `${name} is not opted in.`)],
    },
  ],
  AccessDenied: [
    {
      name: 'foreign-job',
      scene: 'results',
      wrong: ({ email }) => [coded('jobStatus', 403, 'SWW', `The job belongs to ${email}.`)],
    },
  ],
  WrongOrganisation: [
    {
      name: 'foreign-organisation',
      scene: 'results',
      spoilt: [
        {
          what: 'status',
          body: (body, { email }) =>
            body.replace(/"orgId":\d+/, '"orgId":734').replace(/"title":"[^"]*"/, `"title":"${email}"`),
        },
      ],
    },
  ],

  ClariUnreachable: [
    { name: 'unreachable', scene: 'links', wrong: () => [always('jobStatus', { kind: 'lose-request' })] },
  ],
  ClariUnavailable: [
    { name: 'unavailable', scene: 'links', wrong: ({ email }) => [inPage('jobStatus', 503, `Call ${email}`)] },
  ],
  ClariRateLimited: [
    {
      name: 'rate-limited',
      scene: 'links',
      wrong: ({ email }) => [
        always('jobStatus', { kind: 'status', status: 429, envelope: 'text', message: `Too many calls by ${email}` }),
      ],
    },
  ],
  ClariAnswerUnreadable: [
    { name: 'page-for-status', scene: 'links', wrong: ({ name }) => [inPage('jobStatus', 200, `Welcome, ${name}`)] },
    {
      name: 'link-is-no-url',
      scene: 'links',
      spoilt: [{ what: 'status', body: (body) => body.replace('"downloadUrl":"http://', '"downloadUrl":"//') }],
    },
    {
      name: 'status-is-an-object',
      scene: 'links',
      spoilt: [
        { what: 'status', body: (body, { email }) => body.replace(/"status":"\w+"/, `"status":{"${email}":1}`) },
      ],
    },
  ],
  CreateOutcomeUnknown: [{ name: 'lost-answer', scene: 'results', request: anotherPeriod, wrong: () => [lostAnswer] }],
  CreateOutcomePending: [
    { name: 'looked-for', scene: 'results', request: anotherPeriod, wrong: () => [lostAnswer], passing: true },
  ],
  ExportNotReady: [{ name: 'cancelled-polling', scene: 'results', wrong: () => [waiting], passing: true }],
  ExportTimedOut: [{ name: 'never-ready', scene: 'links', wrong: () => [waiting] }],
  ExportFailed: [
    {
      name: 'failed-at-clari',
      scene: 'results',
      wrong: () => [always('jobStatus', { kind: 'states', words: ['FAILED'] })],
    },
  ],
  ExportExpired: [
    {
      name: 'expired',
      scene: 'results',
      spoilt: [
        {
          what: 'status',
          body: (body, { email }) =>
            body.replace(/"expiredTime":\d+/, '"expiredTime":1').replace(/"title":"[^"]*"/, `"title":"${email}"`),
        },
      ],
    },
  ],
  LinkRefused: [
    {
      name: 'login-in-link',
      scene: 'links',
      spoilt: [
        {
          what: 'status',
          body: (body, { email, surname }, { echoHost }) =>
            atEchoHost(body, { host: `${encodeURIComponent(email)}:${surname}@${echoHost}` }),
        },
      ],
    },
    {
      name: 'private-host',
      scene: 'links',
      spoilt: [{ what: 'status', body: (body) => atEchoHost(body, { host: '169.254.169.254' }) }],
    },
  ],
  DownloadInterrupted: [
    {
      name: 'link-repeated',
      scene: 'links',
      spoilt: [{ what: 'status', body: (body, _people, { echoHost }) => atEchoHost(body, { host: echoHost }) }],
    },
    { name: 'page-for-file', scene: 'links', wrong: ({ email }) => [inPage('link', 200, `Sign in as ${email}`)] },
  ],

  LeaseBusy: [
    {
      name: 'in-turn',
      scene: 'results',
      passing: true,
      alone: async (scene) => {
        const holder = await scene.start('lease-holder');
        await scene.world.clari.journal.waitFor(
          ({ method, path }) => method === 'POST' && path.endsWith('/lease-holder'),
        );
        return () => holder.result();
      },
    },
  ],
  NoCapacity: [
    {
      name: 'cancelled-waiting-for-capacity',
      scene: 'results',
      passing: true,
      wrong: (people) => [coded('createForecastExport', 400, 'export_monthly_quota_reached', echo(people))],
    },
  ],
  QuotaExhausted: [
    {
      name: 'no-room',
      scene: 'links',
      wrong: (people) => [coded('createForecastExport', 400, 'export_monthly_quota_reached', echo(people))],
    },
  ],
} as const satisfies Partial<Record<FailureType, readonly FailingRun[]>>;
