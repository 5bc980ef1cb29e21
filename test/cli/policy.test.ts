import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { parsePolicyFile, readPolicyFile } from '../../src/redaction/policy-file.js';
import { policyFileText } from '../../src/redaction/policy-file-text.js';
import { policyMark } from '../../src/redaction/policy.js';
import { Search } from '../../src/leak-scan/search.js';
import { checkout, type ChildResult } from '../support/child.js';
import { writeExport } from './export-files.js';
import { runHere } from './run-here.js';

const ANALYSTS = path.join(checkout, 'test/promises/private/analysts.policy.yaml');
const analysts = await readPolicyFile(ANALYSTS);
let folder: string;
let names: string[];
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'policy-'));
  const expected = await writeExport(at('lists.json'), 'five-lists');
  names = [...expected.personalValues()].map(({ value }) => value);
  await writeExport(at('flat.json.gz'), 'flat', { change: gzipSync });
  const text = await readFile(at('lists.json'), 'utf8');
  const first = (list: string, more: string): [RegExp, string] => [new RegExp(`("${list}": ?\\[\\{)`), `$1${more},`];
  await writeFile(
    at('odd.json'),
    text
      .replace(...first('entries', '"newField":[1],"jane@example.com":1,"p. doe":{"x":1}'))
      .replace('"currency":{', '"currency":{"rate":1,')
      .replace(/\}\s*$/, ',"version":3}'),
  );
  await writeFile(
    at('shape.json'),
    text.replace(...first('users', '"email":{"work":1},"zip":1')).replace(/"email":"/, '"mail":"'),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const check = (file: string, ...words: readonly string[]): Promise<ChildResult> =>
  runHere('policy', 'check', at(file), ...words);

describe('clari-temporal policy check', () => {
  test('shows for each field where it lands and what is left of it, with no value, and writes nothing', async () => {
    const before = await readdir(folder);
    const { exitCode, stdout, stderr } = await check('lists.json', '--policy', 'keyed');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/ users\.email +\d+ +text +forecast_users\.email +hmac: email\n/);
    expect(stdout).toMatch(
      / entries\.currency +\d+ +object, null +\S+\.currency_code +keep\n +\S+\.currency_symbol +keep\n/,
    );
    expect(stdout).toMatch(/\nhmac: email \| hmac: id: A keyed pseudonym of 32 hex digits: /);
    expect(stdout).toMatch(
      /\nPolicy keyed, version 1, digest [0-9a-f]{16}, needs a key, environment undeclared\nNothing of that/,
    );
    expect(new Search(names).in(stdout)).toEqual([]);
    expect(await readdir(folder)).toEqual(before);
  });

  test('shows what is not landed by name, unless the name may be data, as a redaction drops it', async () => {
    const { stdout } = await check('odd.json', '--policy', 'keyed', '--json');
    const { file } = JSON.parse(stdout) as {
      file: { fields: { list: string; field: string; records: number; lands: unknown[] }[] };
    };
    const lost = file.fields.filter(({ lands }) => lands.length === 0);
    expect(lost.map(({ list, field, records }) => [list, field, records])).toEqual([
      ['entries', 'newField', 1],
      ['entries', '(name not shown)', 2],
      ['entries', 'currency.rate', 1],
      ['(file)', 'version', 1],
    ]);
    const key = at('redaction.key');
    await writeFile(key, 'a key of this test, long enough to be one');
    const redacted = await runHere(
      'redact',
      at('odd.json'),
      '--key',
      `file:${key}`,
      '--out',
      at('odd.csv'),
      '--json',
      '--quiet',
    );
    const { droppedFields } = JSON.parse(redacted.stdout) as { droppedFields: { field: string; records: number }[] };
    const counted = (fields: readonly { field: string; records: number }[]) =>
      fields.map(({ field, records }) => `${field} ${records}`).sort();
    expect(counted(droppedFields)).toEqual(counted(lost));
    expect(stdout).not.toMatch(/jane|doe/);
  });

  test('shows in a flat file that owners become users, and what brief lands in extra', async () => {
    const { stdout } = await check('flat.json.gz', '--policy', 'production', '--environment', 'production');
    expect(stdout).toMatch(/ entries\.ownerEmail +\d+ +text +\S+\.owner_email +drop\n +forecast_users\.email +tag\n/);
    expect(stdout).toContain('A flat file: users');
    expect((await check('odd.json', '--policy', 'brief')).stdout).toMatch(
      /newField +1 +list +forecast_entries\.extra +tag/,
    );
  });

  test.each([
    [
      'an object where a text belongs',
      ['shape.json'],
      6,
      /Stops: 1 value of forecast_users\.email is an object; the first is in/,
    ],
    [
      'a field that the policy refuses',
      ['odd.json', '--policy', `file:${ANALYSTS}`],
      7,
      /Stops: The file has fields .*newField \(1\)/,
    ],
    ['the wrong environment', ['lists.json', '--policy', 'production'], 2, /Stops: .* "undeclared" is not production/],
  ] as const)('says that %s would stop it', async (_, [file, ...words], code, message) => {
    const { exitCode, stdout } = await check(file, ...words);
    expect(exitCode).toBe(code);
    expect(stdout).toMatch(message);
  });

  test('checks a policy alone', async () => {
    await writeFile(
      at('bad.yaml'),
      'name: mine\nversion: 1\nextends: keyed\ntreatments: { forecast_users.mail: drop }',
    );
    expect(await runHere('policy', 'check', '--policy', `file:${at('bad.yaml')}`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /bad\.yaml: treatments\.forecast_users\.mail: .* forecast_users\.email was probably meant/,
      ) as unknown,
    });
    const { stdout } = await runHere('policy', 'check', '--policy', `file:${ANALYSTS}`);
    expect(stdout).toMatch(
      /^Policy analysts, version 1, .* needs a key, environment undeclared\nIt may be used there\.\n$/,
    );
  });
});

describe('clari-temporal policy show', () => {
  test('prints a policy file', async () => {
    const { stdout } = await runHere('policy', 'show', 'keyed');
    expect(stdout).toMatch(/\nname: my-keyed\nversion: 1\nextends: keyed\nonUnknownField: drop\ntreatments:\n/);
    expect(stdout).toContain('\n  forecast_users.email: { hmac: email }\n');
  });

  test.each([...Object.values(builtInPolicies), analysts])(
    'which says of $name the same when it is read again',
    (policy) => {
      const again = parsePolicyFile(policyFileText(policy));
      expect(policyMark({ ...again, name: policy.name })).toEqual(policyMark(policy));
    },
  );
});
