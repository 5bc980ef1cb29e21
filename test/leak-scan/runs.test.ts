import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Looked } from '../../src/leak-scan/looked.js';
import { lookAtRuns } from '../../src/leak-scan/runs.js';
import { Search } from '../../src/leak-scan/search.js';

const id = `looked-at-${process.pid}`;
const values = {
  input: 'Wilhelmina Input',
  memo: 'Wilhelmina Memo',
  signal: 'Wilhelmina Signal',
  reason: 'Wilhelmina Why',
};
let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
  // No worker has this queue: the runs stay as they are made.
  for (const name of ['open', 'closed']) {
    const handle = await client.workflow.start('nothing', {
      ...{ taskQueue: id, workflowId: `${id}-${name}`, memo: { by: values.memo }, args: [{ name: values.input }] },
    });
    await handle.signal('said', values.signal);
    if (name === 'closed') await handle.terminate(values.reason);
    else open.push(handle.firstExecutionRunId);
  }
});
const open: string[] = [];
afterAll(async () => {
  await client.workflow.getHandle(`${id}-open`).terminate();
  await connection.close();
});

test('runs are looked at, open and closed: the list, each event, and their state', async () => {
  const search = new Search(Object.values(values));
  const query = `TaskQueue = '${id}'`;
  await vi.waitFor(async () => expect((await client.workflow.count(query)).count).toBe(2), { timeout: 60_000 });
  const found: Record<string, readonly string[]> = {};
  let places = 0;
  for await (const looked of lookAtRuns(client, search, query)) {
    const { place, values: there }: Looked = looked;
    places += 1;
    if (there.length > 0) found[place.replace(`workflow ${id}-`, '').replace(/, run [0-9a-f-]{36}/, '')] = there;
  }
  const { input, memo, signal, reason } = values;
  expect(found).toEqual({
    'open, as the list of runs has it': [memo],
    'open, event 1 (workflowExecutionStarted)': [input, memo],
    'open, event 3 (workflowExecutionSignaled)': [signal],
    'open, its state, with what is pending': [memo],
    'closed, as the list of runs has it': [memo],
    'closed, event 1 (workflowExecutionStarted)': [input, memo],
    'closed, event 3 (workflowExecutionSignaled)': [signal],
    'closed, event 4 (workflowExecutionTerminated)': [reason],
    'closed, its state, with what is pending': [memo],
  });
  expect(places).toBe(2 * (3 + 2) + 1);
});
