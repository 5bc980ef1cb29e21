import { readdir, readFile, stat } from 'node:fs/promises';
import { Worker } from '@temporalio/worker';
import { inject, describe, expect, test } from 'vitest';
import { fromPlain } from '../../support/history-json.js';

const folder = new URL('./histories/', import.meta.url);
const index = JSON.parse(await readFile(new URL('index.json', folder), 'utf8')) as Record<string, string>;
const KIB = 1024;

const advice = (file: string, why: string): string =>
  `${file} (${index[file] ?? ''}) does not replay on today's workflow code: ${why}

A run that was under way at an upgrade would get stuck in the same way. Do not record the history anew to make this pass:
released versions have made such runs. Either
  - put the change behind patched('a-name-for-it') from @temporalio/workflow, so that old histories take the old way, or
  - leave this workflow as it is and make a new workflow type for the new way.
Where the history was never released, npm run histories records it again.`;

/** How a history replays on today's bundle: undefined where it does. */
async function replay(file: string, change: (plain: { events: object[] }) => void = () => undefined) {
  const plain = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as { events: object[] };
  change(plain);
  return Worker.runReplayHistory({ workflowBundle: { codePath: inject('workflowBundlePath') } }, fromPlain(plain)).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

describe('fault 21: recorded histories replay on today’s code', () => {
  test.each(Object.keys(index))('%s', async (file) => {
    const failure = await replay(file);
    expect(failure, advice(file, failure ?? '')).toBeUndefined();
  });

  test('the index names every history, and each is small', async () => {
    const files = (await readdir(folder)).filter((file) => file !== 'index.json').sort();
    expect(files).toEqual(Object.keys(index).sort());
    for (const file of files) expect((await stat(new URL(file, folder))).size, file).toBeLessThan(64 * KIB);
  });

  test('none of them says on which machine it was recorded', async () => {
    for (const file of Object.keys(index)) {
      const text = await readFile(new URL(file, folder), 'utf8');
      const payloads = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
        Buffer.from(data, 'base64').toString('utf8'),
      );
      const all = [text, ...payloads].join('\n');
      // Homes and temporary folders, and a worker's identity: process id and host name.
      expect(all.match(/\/tmp\/|\/home\/|\/root\/|\/Users\/|\b\d+@[\w.-]+/g), file).toBeNull();
    }
  });

  test('a history that today’s code would not have made is refused', async () => {
    const failure = await replay('landed-published.json', (plain) => {
      for (const event of plain.events as { activityTaskScheduledEventAttributes?: { activityType: object } }[]) {
        const scheduled = event.activityTaskScheduledEventAttributes;
        if (scheduled) scheduled.activityType = { name: 'somethingElse' };
      }
    });
    expect(failure).toMatch(/[Nn]ondeterminism/);
  });
});
