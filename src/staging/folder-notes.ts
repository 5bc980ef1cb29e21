import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoomNote, RoomNotes, RunRoom } from './budget.js';
import { RESERVED_FILE } from './names.js';
import { stagingIo } from './io-errors.js';
import { isGone, readIfThere } from './private-file.js';
import { replaceSynced } from './sync.js';

const DOING = 'counting what is staged';

/** Notes of what runs need, in their folders. */
export class FolderNotes implements RoomNotes {
  constructor(private readonly runs: string) {}

  async all(): Promise<readonly RunRoom[]> {
    return stagingIo(DOING, async () => {
      const rooms: RunRoom[] = [];
      for (const runKey of await readdir(this.runs)) rooms.push(await this.roomOf(runKey));
      return rooms;
    });
  }

  async write(runKey: string, note: RoomNote): Promise<void> {
    // Never empty in between: who counts then would find room that is taken.
    await stagingIo(DOING, () => replaceSynced(this.pathOf(runKey, note), String(note.bytes)));
  }

  async remove(runKey: string, note: Pick<RoomNote, 'name' | 'epoch'>): Promise<void> {
    await stagingIo(DOING, () => rm(this.pathOf(runKey, note), { force: true }));
  }

  private pathOf(runKey: string, { name, epoch }: Pick<RoomNote, 'name' | 'epoch'>): string {
    return join(this.runs, runKey, `${RESERVED_FILE}-${name}.${epoch}`);
  }

  private async roomOf(runKey: string): Promise<RunRoom> {
    const folder = join(this.runs, runKey);
    const notes: RoomNote[] = [];
    let there = 0;
    for (const file of await readdir(folder, { recursive: true }).catch(whereGone<string[]>([]))) {
      there += await stat(join(folder, file)).then(({ size }) => size, whereGone(0));
      if (!file.startsWith(RESERVED_FILE) || file.endsWith('.tmp')) continue;
      const [, name = '', epoch = ''] = /^-(.*)\.(\d+)$/.exec(file.slice(RESERVED_FILE.length)) ?? [];
      // What is no number any more counts for nothing: it would keep all others out.
      const bytes = Number((await readIfThere(join(folder, file)))?.toString() ?? 0) || 0;
      notes.push({ name, epoch: Number(epoch), bytes });
    }
    return { runKey, notes, there };
  }
}

const whereGone =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isGone(error)) return instead;
    throw error;
  };
