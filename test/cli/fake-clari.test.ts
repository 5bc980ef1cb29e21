import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeClariCommand } from '../../src/cli/fake-clari.js';
import { runHere } from './run-here.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fake-clari-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = (...args: readonly string[]) =>
  spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'fake-clari', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** A file of rules, as `content` has it. */
async function ruleFile(content: string): Promise<string> {
  const file = path.join(folder, 'rules.json');
  await writeFile(file, content);
  return file;
}

describe('clari-temporal fake-clari', () => {
  test('takes fault rules from a file, and more of them while it runs', async () => {
    const child = run('--faults', await ruleFile('[{"fault": {"kind": "status", "status": 429}}]'), '--gzip');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { apiUrl, controlUrl } = JSON.parse(line.toString('utf8')) as { apiUrl: string; controlUrl: string };
    const status = async (): Promise<number> =>
      (await fetch(`${apiUrl}/export/jobs`, { headers: { apikey: 'fake-token' } })).status;
    expect([await status(), await status()]).toEqual([429, 200]);
    const rule = JSON.stringify({ fault: { kind: 'status', status: 502 } });
    expect((await fetch(`${controlUrl}/faults`, { method: 'POST', body: rule })).status).toBe(200);
    expect([await status(), await status()]).toEqual([502, 200]);
    const { headers } = await fetch(`${apiUrl}/export/jobs`, { headers: { apikey: 'fake-token' } });
    expect(headers.get('content-encoding')).toBe('gzip');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('refuses a rule that there is not, with the reason, and ends', async () => {
    const child = run('--faults', await ruleFile('[{"fault": {"kind": "stal"}}]'));
    const said = text(child.stderr);
    expect(await once(child, 'exit')).toEqual([2, null]);
    expect(await said).toContain('stall was probably meant');
    expect(await said).not.toContain('    at ');
  });

  test('refuses a file that is no JSON', async () => {
    const { exitCode, stderr } = await runHere('fake-clari', '--faults', await ruleFile('['));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('the file is no JSON')]);
  });

  test('refuses a file that is not there', async () => {
    const { exitCode, stderr } = await runHere('fake-clari', '--faults', path.join(folder, 'none.json'));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('the file can not be read')]);
  });

  test.each([
    [['--api-port', '99999'], 2, /'--api-port <port>' argument '99999' is invalid\. must be .* from 0 to 65535; give /],
    [['--entries', '99999999999'], 2, /'--entries <count>' .* must be a whole number from 0 to 100000000; give /],
    [['--token', ''], 2, /'--token <token>' .* must be 1 to 1000 characters of ASCII without blanks; give /],
    [['--api-port', '7', '--link-port', '7'], 2, /--link-port: must not be the --api-port 7 too; give another one/],
    [['--host', 'nowhere.invalid'], 1, /--host: "nowhere\.invalid" is no address of this machine \(\w+\); give one/],
    [['--api-port', 'TAKEN'], 1, /--api-port: port \d+ is taken at 127\.0\.0\.1; give another one, or 0 for a free/],
    [['--link-port', 'TAKEN'], 1, /--link-port: port \d+ is taken at 127\.0\.0\.1; give another one, or 0 for a free/],
  ])('refuses %j in one line', async (flags, code, line) => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const taken = String((blocker.address() as AddressInfo).port);
    const ended = await runHere('fake-clari', ...flags.map((flag) => (flag === 'TAKEN' ? taken : flag)));
    blocker.close();
    expect(ended.exitCode).toBe(code);
    expect(ended.stderr).toMatch(new RegExp(`^error: .*${line.source}.*\n$`));
  });

  test('names the bounds in its help that it has', () => {
    expect(fakeClariCommand().helpInformation()).toMatch(
      /--entries <count>\s+entries of each forecast \(0 to\s+100000000\)/,
    );
  });
});
