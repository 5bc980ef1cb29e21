import { expect, test } from 'vitest';
import { program } from '../../src/cli.js';
import { runHere } from './run-here.js';

test('the help of each command shows an example that names the command', () => {
  const { commands } = program();
  expect(commands.map((command) => command.name())).toEqual(
    expect.arrayContaining(['worker', 'demo', 'sql', 'fake-clari']),
  );
  for (const command of commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    const [, example = ''] = help.split('Example:\n');
    expect([command.name(), example.includes(command.name())]).toEqual([command.name(), true]);
  }
});

test('every option has a description', () => {
  for (const { options } of program().commands) {
    for (const { flags, description } of options) expect([flags, description.length > 5]).toEqual([flags, true]);
  }
});

test.each([
  ...['redact export.json --out x.csv --bogus', 'redact export.json', 'policy check a b', 'policy show --bogus'],
  ...['policy chek', 'redcat x'],
])('%s ends with 2, since it can not be', async (line) => {
  expect(await runHere(...line.split(' '))).toMatchObject({ exitCode: 2, stdout: '' });
});
