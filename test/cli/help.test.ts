import { expect, test, vi } from 'vitest';
import { program } from '../../src/cli.js';

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

test.each([[['redact', 'export.json', '--out', 'x.csv', '--bogus']], [['redact', 'export.json']]])(
  '%j ends with 2, since it can not be',
  async (words) => {
    const ends = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`ended with ${String(code)}`);
    });
    const says = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await expect(program().parseAsync(words, { from: 'user' })).rejects.toThrow('ended with 2');
    ends.mockRestore();
    says.mockRestore();
  },
);
