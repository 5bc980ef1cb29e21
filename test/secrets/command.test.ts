import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandSecret } from '../../src/secrets/command.js';
import { StoreDown } from '../../src/secrets/store-down.js';
import { failing } from '../support/failing.js';

/** No letter of it is in any message, so that not even a piece can slip through. */
const VALUE = 'ЖЩЮЯ';
const LETTERS = /[Ѐ-ӿ]/;

/** A secret that the program prints which this text is of. */
const printedBy = (program: string, ...args: string[]) => commandSecret([process.execPath, '-e', program, ...args]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-secret-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('a command whose output is a secret', () => {
  it('runs at each read, with its arguments as they are and the worker’s environment', async () => {
    vi.stubEnv('FROM_THE_WORKER', 'first');
    const secret = printedBy(
      'console.log(process.env.FROM_THE_WORKER + JSON.stringify(process.argv.slice(1)))',
      '$HOME "a b" | *',
      '',
    );
    await expect(secret.read()).resolves.toBe(String.raw`first["$HOME \"a b\" | *",""]`);
    vi.stubEnv('FROM_THE_WORKER', 'second');
    await expect(secret.read()).resolves.toMatch(/^second/);
  });

  it('is found on the PATH', async () => {
    await expect(commandSecret(['printf', '%s', VALUE]).read()).resolves.toBe(VALUE);
  });

  it('has nothing to read from', async () => {
    const secret = printedBy(`process.stdin.on('end', () => console.log('${VALUE}')).resume()`);
    await expect(secret.read()).resolves.toBe(VALUE);
  });

  it('is shown by its program alone, read or not', async () => {
    const secret = commandSecret(['printf', '%s', VALUE]);
    await secret.read();
    expect(JSON.stringify({ secret })).toBe('{"secret":"exec:printf"}');
    expect(inspect(secret, { showHidden: true, depth: 10 })).toBe('Secret(exec:printf)');
  });

  const program = `exec:${process.execPath}`;
  it.each([
    ['fails', `process.exitCode = 3`, true, `The command of the secret ${program} ended with code 3: run it by hand`],
    ['is killed', `process.kill(process.pid, 'SIGTERM')`, true, `${program} was ended by SIGTERM: run it by hand`],
    ['prints nothing', ``, false, `The secret ${program} is empty.`],
    [
      'prints no end',
      `setInterval(() => console.log('${VALUE}'.repeat(10_000)), 1)`,
      false,
      'printed more than 64 KiB.',
    ],
  ])('that %s is told without what it prints', async (_, text, isDown, message) => {
    const says = text === '' ? '' : `console.log('${VALUE}'); console.error('${VALUE}'); ${text}`;
    const error = await failing(printedBy(says).read());
    expect(error.type).toBe('SecretUnavailable');
    expect(error instanceof StoreDown).toBe(isDown);
    expect(error.message).toContain(message);
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(LETTERS);
  });

  it('may not be longer than 64 KiB, and may be as long', async () => {
    const longest = 'x'.repeat(64 * 1024);
    await expect(printedBy(`process.stdout.write('x'.repeat(${longest.length}))`).read()).resolves.toBe(longest);
  });

  it('that is not there, or may not be run, is no fault of a store', async () => {
    const data = join(folder, 'data');
    await writeFile(data, VALUE);
    for (const [name, code] of [
      ['no-such-program', 'ENOENT'],
      [data, 'EACCES'],
    ] as const) {
      const error = await failing(commandSecret([name, VALUE]).read());
      expect(error).not.toBeInstanceOf(StoreDown);
      expect(error.message).toContain(`exec:${name} can not be started (${code})`);
      expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(LETTERS);
    }
  });

  it('that can not be started for want of something else is told by its code', async () => {
    const error = await failing(commandSecret(['printf', VALUE.repeat(1024 * 1024)]).read());
    expect(error.message).toContain('exec:printf could not be started (E2BIG)');
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(LETTERS);
  });

  it('that takes too long is stopped after 10 seconds, with what it has started', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    // A process that is killed hangs up.
    const call = `require('node:net').connect(${port}, '127.0.0.1')`;
    const both = `${call}; console.log('${VALUE}'); require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(call)}])`;
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const ended = failing(printedBy(both).read());
    const callers = [await once(listener, 'connection'), await once(listener, 'connection')].map(
      ([one]) => one as Socket,
    );
    const hungUp = callers.map((caller) =>
      once(
        caller.on('error', () => undefined),
        'close',
      ),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    const error = await ended;
    await Promise.all(hungUp);
    listener.close();
    expect(error).toBeInstanceOf(StoreDown);
    expect(error.message).toContain('was stopped, since it took longer than 10 seconds');
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(LETTERS);
  });
});
