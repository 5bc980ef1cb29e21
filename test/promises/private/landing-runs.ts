import { share } from '../../support/share.js';
import type { ScriptedRun } from './scripted-runs.js';

/** These differ from others in the form of the file alone: for `npm run test:long`. */
const forms = ['flat', 'pretty', 'flat-by-link'];

/** Runs that end well, some of them by way of answers and files that hold personal data where none belong. */
const runs: readonly ScriptedRun[] = [
  { name: 'lists', scene: 'results' },
  { name: 'flat', scene: 'results' },
  { name: 'pretty', scene: 'results' },
  {
    name: 'status-is-a-name',
    scene: 'results',
    wrong: ({ name, email, surname }) => [
      { endpoint: 'jobStatus', fault: { kind: 'states', words: [name, surname, email] } },
    ],
  },
  {
    name: 'job-named-after-somebody',
    scene: 'results',
    spoilt: [
      {
        what: 'status',
        body: (body, { email, surname }) =>
          body
            .replace(/"title":"[^"]*"/, `"title":"Forecast of ${email}"`)
            .replace(/"fileName":"[^"]*"/, `"fileName":"clari_export_${surname}_2027_Q2733_20261122_010203.json"`),
      },
    ],
  },
  {
    name: 'fields-named-after-somebody',
    scene: 'results',
    spoilt: [
      {
        what: 'results',
        body: (body, { name, email }) =>
          body
            .replace('{"entries":[{', () => `{${JSON.stringify(name)}:["${email}"],"entries":[{"${email}":1,`)
            .replace('"currency":{', () => `"currency":{${JSON.stringify(name)}:"${email}",`),
      },
    ],
  },
  {
    name: 'server-errors-on-the-way',
    scene: 'results',
    wrong: ({ email }) => [
      { endpoint: 'results', times: 1, fault: { kind: 'status', status: 502, envelope: 'html', message: email } },
    ],
  },
  { name: 'lists-by-link', scene: 'links' },
  { name: 'flat-by-link', scene: 'links' },
  {
    name: 'link-that-lapses',
    scene: 'links',
    wrong: ({ email }) => [
      { endpoint: 'link', times: 1, fault: { kind: 'status', status: 403, envelope: 'xml', message: email } },
      { endpoint: 'link', times: 1, fault: { kind: 'status', status: 200, envelope: 'html', message: email } },
      { endpoint: 'link', times: 1, fault: { kind: 'reset', afterBytes: 20_000 } },
    ],
  },
];

export const landingRuns = share(runs, ({ name }) => !forms.includes(name));
