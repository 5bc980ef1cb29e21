import { describe, expect, test } from 'vitest';
import { findSecrets, showName } from '../../src/model/secret-guard.js';

/** Made up here, so that nothing that looks like a token stands in this file. */
const bytes = Buffer.from(Array.from({ length: 48 }, (_, index) => (index * 89 + 41) % 256));
const hex = bytes.subarray(0, 16).toString('hex');
const base64 = bytes.toString('base64');
const jwt = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${bytes.toString('base64url')}.sig`;

describe('what looks like a secret is found', () => {
  test.each([
    ['32 hex digits', hex],
    ['64 hex digits', bytes.toString('hex').slice(0, 64)],
    ['base64', base64],
    ['base64 for URLs', bytes.toString('base64url')],
    ['a UUID', hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')],
    ['a JSON web token', jwt],
    ['a JSON web token in a sentence', `the token of today: ${jwt} (until noon)`],
    ['a bearer header', 'Bearer x1y2z3a4b5'],
    ['a bearer header in a command', `curl -H 'Authorization: Bearer ${hex}' https://api.example.com`],
    ['a basic header', `basic ${Buffer.from('jo:doe-doe').toString('base64')}`],
    ['a header in a text', 'apikey: abcdef123456'],
    ['JSON in quotes', '{"forecastId":"net_arr","apiKey":"abcdef123456"}'],
    ['a signed link', 'https://files.example.com/a.json?X-Amz-Date=1&X-Amz-Signature=abc'],
    ['a link with a token', 'https://api.example.com/v4?token=abc'],
    ['a URL with a password', 'postgres://jo:hunter2@db.example.com/sales'],
    ['a private key', ['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' ')],
    ['an access key id', ['AKIA', ...Array.from({ length: 8 }, () => 'Q7')].join('')],
  ])('%s', (_name, text) => {
    expect(findSecrets({ note: text })).toEqual(['input.note']);
    expect(findSecrets(text)).toEqual(['input']);
  });

  test.each(['apiKey', 'api_key', 'CLARI_API_KEY', 'apikey', 'token', 'accessToken', 'password', 'Authorization'])(
    'by its name alone: %s',
    (name) => {
      for (const value of ['abc', 12_345_678, { value: 'abc' }, ['abc']]) {
        expect(findSecrets({ [name]: value })).toEqual([`input.${name}`]);
      }
      for (const value of ['', null, false, true, {}, []]) expect(findSecrets({ [name]: value })).toEqual([]);
    },
  );

  test('at any depth, with its place', () => {
    expect(findSecrets({ a: [{ b: 1 }, { c: { d: hex } }] })).toEqual(['input.a[1].c.d']);
    const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ x: inner }), hex);
    expect(findSecrets(deep)).toEqual([`input${'.x'.repeat(40)}`]);
  });

  test('as the name of a field, which is not repeated', () => {
    expect(findSecrets({ [hex]: 1 })).toEqual(['input (the name of a field)']);
    expect(JSON.stringify(findSecrets({ [hex]: { token: 'abc' } }))).not.toContain(hex);
  });
});

describe('what people type every day is no false alarm', () => {
  test.each([
    'net_arr',
    '66f0aa10c3d4e5f60718a9b2',
    '0061x00000AbCdEfGHI',
    '1905::MGR',
    '005xx000001Sv6A::0061x00000AbCdEfGHI',
    'enterprise_new_business_emea_2027_fiscal_year',
    'EnterpriseNewBusiness.Emea.Fy2027.Q2-committed',
    'fcst-2027-2028-new-and-expansion-business-north',
    'a'.repeat(128),
    '2027_Q2',
    '0123456789'.repeat(4),
    'basic plan of the board',
    'the bearer of bad news',
    'tokens of appreciation: 12',
    'https://app.clari.com/forecasting/net_arr?timePeriod=2027_Q2',
    'Zürich – für den Vorstand',
  ])('%s', (text) => {
    expect(findSecrets({ forecastId: text })).toEqual([]);
  });
});

test('a name is shown only if it is a plain word', () => {
  expect(['note', 'my_note-2', '_x'].map(showName)).toEqual(['note', 'my_note-2', '_x']);
  for (const name of ['jo@example.com', 'Jo Doe', '', hex, 'a'.repeat(33), '2nd']) {
    expect(showName(name)).toBe('(a name not shown)');
  }
});
