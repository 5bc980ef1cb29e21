import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { tctlLine, temporalLine, type StartLine } from '../../src/cli/command-lines.js';

const run = promisify(execFile);

/** The words that a shell makes of a line. */
async function words(line: string): Promise<string[]> {
  const script = `set -f; words() { for word in "$@"; do printf '%s\\0' "$word"; done; }; words ${line}`;
  const { stdout } = await run('sh', ['-c', script]);
  return stdout.split('\0').slice(0, -1);
}

const lines: readonly (readonly [string, StartLine])[] = [
  [
    'a plain one',
    {
      address: '127.0.0.1:7233',
      namespace: 'default',
      taskQueue: 'clari',
      workflowId: 'export-net_arr',
      input: { forecastId: 'net_arr' },
    },
  ],
  [
    'one with all that a shell takes for itself',
    {
      address: '[::1]:7233',
      namespace: "o'brien & sons",
      taskQueue: '$HOME `id` "x" \\ * ? ; | > ~',
      workflowId: "it's\ta 'run' #1\n!",
      input: { forecastId: 'a\'b"c\\d$e`f', typesToExport: ['quota'], includeHistorical: false, note: 'é 日本' },
    },
  ],
  ['one with empty names', { address: '', namespace: '', taskQueue: '', workflowId: '', input: {} }],
];

describe.each(lines)('%s comes through a shell as it was meant', (_name, line) => {
  test('for temporal', async () => {
    expect(await words(temporalLine(line))).toEqual([
      ...['temporal', 'workflow', 'start', '--address', line.address, '--namespace', line.namespace],
      ...['--task-queue', line.taskQueue, '--type', 'exportForecast', '--workflow-id', line.workflowId],
      ...['--input', JSON.stringify(line.input)],
    ]);
  });

  test('for tctl, with the flags for the server before the command', async () => {
    expect(await words(tctlLine(line))).toEqual([
      ...['tctl', '--address', line.address, '--namespace', line.namespace, 'workflow', 'start'],
      ...['--taskqueue', line.taskQueue, '--workflow_type', 'exportForecast', '--workflow_id', line.workflowId],
      ...['--input', JSON.stringify(line.input)],
    ]);
  });
});

test('neither sets a time limit: that would end a run without its clean-up', () => {
  for (const [, line] of lines) expect(temporalLine(line) + tctlLine(line)).not.toMatch(/timeout|_et\b/);
});
