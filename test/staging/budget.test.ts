import { link, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Budget } from '../../src/staging/budget.js';
import { FolderNotes } from '../../src/staging/folder-notes.js';
import { openLocalStaging } from '../../src/staging/local.js';
import type { StagingArea } from '../../src/staging/port.js';
import { failing } from '../support/failing.js';
import { ownerOf } from '../support/staging-owner.js';

const MIB = 1024 * 1024;
let root: string;
let area: StagingArea;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'clari-budget-'));
  area = await openLocalStaging(root, { maxBytes: 30 * MIB });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Begins the download of a file of so many MiB. */
async function begin(runKey: string, mib: number, name = 'raw', epoch = 1): Promise<void> {
  const file = await area.run(ownerOf(runKey, 'k', epoch)).partial(name);
  try {
    await file.restart('"v1"', mib * MIB);
  } finally {
    await file.close();
  }
}

test('a run that would not fit beside the others is told so, and fits once one of them has discarded its bytes', async () => {
  await begin('first', 6);
  const error = await failing(begin('second', 5));
  expect([error.type, error.message]).toEqual([
    'StagingFull',
    'The run needs some 15 MiB of staging, which may hold 30 MiB and has 18 MiB in use by others.',
  ]);
  await begin('third', 3);
  await area.run(ownerOf('first')).discard();
  await begin('second', 5);
});

test('a run counts once, however often its download begins anew', async () => {
  await begin('first', 6);
  await begin('first', 9);
  await begin('first', 3);
  await begin('second', 7);
});

test('the files of a run count together', async () => {
  await begin('first', 3, 'raw-forecast');
  await begin('first', 4, 'raw-quota');
  await begin('first', 4, 'raw-quota');
  expect((await failing(begin('second', 4))).message).toContain('has 21 MiB in use by others');
  await begin('second', 3);
  const error = await failing(begin('first', 4, 'raw-adjustment'));
  expect([error.type, error.message]).toEqual([
    'StagingTooSmall',
    'The run needs some 33 MiB of staging, which may hold 30 MiB.',
  ]);
});

test('what is there counts where it is more than was expected', async () => {
  await area.run(ownerOf('first')).produce('table', (at) => writeFile(at, Buffer.alloc(12 * MIB)));
  expect((await failing(begin('second', 7))).type).toBe('StagingFull');
  await begin('second', 5);
});

/** Downloads so many MiB of which nobody has said how many will come. */
async function downloadUnannounced(runKey: string, mib: number, epoch = 1): Promise<void> {
  const file = await area.run(ownerOf(runKey, 'k', epoch)).partial('raw');
  try {
    if (file.bytes === 0) await file.restart('"v1"');
    for (let at = 0; at < mib; at++) await file.append(Buffer.alloc(MIB));
  } finally {
    await file.close();
  }
}

test('a download whose length nobody has said has its room as it comes, and keeps others out', async () => {
  await downloadUnannounced('first', 5);
  const error = await failing(begin('second', 5));
  expect([error.type, error.message]).toEqual([
    'StagingFull',
    'The run needs some 15 MiB of staging, which may hold 30 MiB and has 18 MiB in use by others.',
  ]);
  await begin('second', 4);
});

test('one that gets too long beside the others waits, and gives up what it has, so that no two wait for each other', async () => {
  await begin('first', 6);
  expect((await failing(downloadUnannounced('second', 8))).type).toBe('StagingFull');
  const again = await area.run(ownerOf('second', 'k', 2)).partial('raw');
  expect(again.bytes).toBe(0);
  await again.close();
  await begin('third', 3);
});

test('one that can never fit is not made to wait, either at first or when it goes on', async () => {
  expect((await failing(downloadUnannounced('first', 12))).type).toBe('StagingTooSmall');
  expect((await failing(downloadUnannounced('first', 8, 2))).type).toBe('StagingTooSmall');
});

test('a download that goes on keeps the room that was announced', async () => {
  const first = await area.run(ownerOf('first')).partial('raw');
  await first.restart('"v1"', 6 * MIB);
  await first.append(Buffer.alloc(MIB));
  await first.close();
  await downloadUnannounced('first', 1, 2);
  expect((await failing(begin('second', 5))).message).toContain('has 18 MiB in use by others');
});

test('fault 5: a late attempt takes no room that its successor has', async () => {
  const late = await area.run(ownerOf('first')).partial('raw');
  await late.restart('"v1"', 2 * MIB);
  await begin('first', 6, 'raw', 2);
  expect((await failing(late.append(Buffer.alloc(3 * MIB)))).type).toBe('StagingLost');
  await late.close();
  expect((await failing(begin('second', 5))).message).toContain('has 18 MiB in use by others');
});

/** Who counts once stands still until something has happened. */
class StandingStill extends FolderNotes {
  constructor(
    runs: string,
    private meanwhile: (() => Promise<unknown>) | undefined,
  ) {
    super(runs);
  }

  override async all() {
    const rooms = await super.all();
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return rooms;
  }
}

test.each([
  ['the same file', 'raw'],
  ['another file', 'raw-quota'],
])(
  'fault 5: an attempt whose successor reserves for %s between its look and its note leaves no note',
  async (_name, name) => {
    await begin('first', 1);
    const notes = new StandingStill(path.join(root, 'runs'), () => begin('first', 6, name, 2));
    const late = new Budget(notes, 30 * MIB).roomFor('first', 'raw', 1);
    expect((await failing(late.reserve(9 * MIB))).type).toBe('StagingLost');
    const noted = (await readdir(path.join(root, 'runs', 'first'))).filter((file) => file.startsWith('.reserved'));
    expect(noted).toEqual([`.reserved-${name}.2`]);
  },
);

test('fault 5: what a late attempt has noted behind its successor, and died, keeps nobody out', async () => {
  await begin('first', 3, 'raw', 2);
  await writeFile(path.join(root, 'runs', 'first', '.reserved-raw.1'), String(27 * MIB));
  await begin('second', 7);
});

test('a note is replaced whole, since who counts meanwhile must not find it empty, and its draft is not counted', async () => {
  await begin('first', 2);
  const note = path.join(root, 'runs', 'first', '.reserved-raw.1');
  await link(note, path.join(root, 'as it was'));
  await begin('first', 6);
  expect(await readFile(path.join(root, 'as it was'), 'utf8')).toBe(String(6 * MIB));
  await writeFile(`${note}.0123456789ab.tmp`, String(18 * MIB));
  expect((await failing(begin('second', 5))).message).toContain('has 18 MiB in use by others');
});

test('a run that can never fit is not made to wait', async () => {
  const error = await failing(begin('first', 11));
  expect([error.type, error.message]).toEqual([
    'StagingTooSmall',
    'The run needs some 33 MiB of staging, which may hold 30 MiB.',
  ]);
});

test('fault 26: a note of how much a run has reserved that is spoilt keeps nobody else out', async () => {
  await begin('first', 6);
  await writeFile(path.join(root, 'runs', 'first', '.reserved-raw.1'), '1887436x');
  await begin('second', 5);
});
