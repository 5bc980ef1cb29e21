import { expect, test } from 'vitest';
import { environmentSecret } from '../../src/secrets/environment.js';
import { SecretMask } from '../../src/telemetry/secret-mask.js';

const VALUE = 'not-a-real-value-$&-1';

test('a value is masked from its first use on, wherever it stands', async () => {
  const mask = new SecretMask();
  const secret = mask.watch(environmentSecret('TEST_TOKEN', { TEST_TOKEN: VALUE }));
  expect(mask.apply(`before: ${VALUE}`)).toContain(VALUE);
  await secret.read();
  expect(mask.apply(`${VALUE}, "${VALUE}" and again${VALUE}.`)).toBe('[secret], "[secret]" and again[secret].');
});

test('a value is masked in a line of JSON, where some of its characters are escaped', async () => {
  const mask = new SecretMask();
  const value = 'quote"back\\slash';
  await mask.watch(environmentSecret('TEST_TOKEN', { TEST_TOKEN: value })).read();
  expect(mask.apply(JSON.stringify({ message: `it is ${value}.` }))).toBe('{"message":"it is [secret]."}');
});

test('every value of a rotated secret is masked', async () => {
  const mask = new SecretMask();
  const environment: Record<string, string> = { TEST_TOKEN: 'the-first-value' };
  const secret = mask.watch(environmentSecret('TEST_TOKEN', environment));
  await secret.read();
  environment['TEST_TOKEN'] = 'the-second-value';
  await secret.read();
  expect(mask.apply('the-first-value the-second-value')).toBe('[secret] [secret]');
});

test('a very short value is left, since it would blank out ordinary words', async () => {
  const mask = new SecretMask();
  await mask.watch(environmentSecret('TEST_TOKEN', { TEST_TOKEN: 'is' })).read();
  expect(mask.apply('this is it')).toBe('this is it');
});

test('a watched secret still says its reference and no more', async () => {
  const secret = new SecretMask().watch(environmentSecret('TEST_TOKEN', { TEST_TOKEN: VALUE }));
  expect(secret.reference).toBe('env:TEST_TOKEN');
  await secret.read();
  expect(JSON.stringify(secret)).not.toContain(VALUE);
});

test.each([
  [
    'a link’s query',
    'GET https://files.example.com/a.json?sig=abc&x=1 failed',
    'GET https://files.example.com/a.json?[query not shown] failed',
  ],
  ['a link’s fragment', '"https://files.example.com/a#token=abc"', '"https://files.example.com/a?[query not shown]"'],
  ['a bearer text', 'sent Bearer abcdefgh12345.x_y-z', 'sent Bearer [secret]'],
  ['basic credentials', 'authorization was basic am86ZG9lLWRvZQ==', 'authorization was basic [secret]'],
  ['a header', 'apikey: abc', 'apikey: [secret]'],
  ['a header as JSON', '{"x-api-password":"abc","a":1}', '{"x-api-password":"[secret]","a":1}'],
  ['a header as JSON within JSON', '{"a":"{\\"apikey\\":\\"abc\\"}"}', '{"a":"{\\"apikey\\":\\"[secret]\\"}"}'],
  ['a bearer header, whole', '{"authorization":"Bearer abcdefgh1234"}', '{"authorization":"Bearer [secret]"}'],
  ['a password in a URL', 'postgres://jo:hunter2@db.example.com/x', 'postgres://[secret]@db.example.com/x'],
])('%s is masked without having been seen before', (_name, text, masked) => {
  expect(new SecretMask().apply(text)).toBe(masked);
});

test('ordinary text is left as it is', () => {
  const text = '{"message":"Clari answered GET https://api.clari.com/v4/export with 500","basic":"plan","at":"12:00"}';
  expect(new SecretMask().apply(text)).toBe(text);
});
