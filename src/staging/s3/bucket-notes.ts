import type { RoomNote, RoomNotes, RunRoom } from '../budget.js';
import { RESERVED_FILE } from '../names.js';
import type { Bucket } from './bucket.js';

const DOING = 'counting what is staged';

/** Notes of what runs need, as empty objects whose keys say it: one listing finds all. */
export class BucketNotes implements RoomNotes {
  constructor(
    private readonly bucket: Bucket,
    /** Of all runs, with a slash at its end. */
    private readonly prefix: string,
  ) {}

  async all(): Promise<readonly RunRoom[]> {
    const rooms = new Map<string, { runKey: string; notes: RoomNote[]; there: number }>();
    for await (const { key, bytes } of this.bucket.list(DOING, this.prefix)) {
      const [runKey = '', file = ''] = key.slice(this.prefix.length).split('/');
      const room = rooms.get(runKey) ?? { runKey, notes: [], there: 0 };
      rooms.set(runKey, room);
      room.there += bytes;
      const note = noteIn(file);
      if (note) room.notes.push(note);
    }
    return [...rooms.values()].map((room) => ({ ...room, notes: largest(room.notes) }));
  }

  async write(runKey: string, note: RoomNote): Promise<void> {
    const start = this.startOf(runKey, note);
    const own = `${start}${note.bytes}`;
    await this.bucket.put(DOING, own, '');
    await this.removeBut(start, own);
  }

  async remove(runKey: string, note: Pick<RoomNote, 'name' | 'epoch'>): Promise<void> {
    await this.removeBut(this.startOf(runKey, note), undefined);
  }

  private async removeBut(start: string, kept: string | undefined): Promise<void> {
    for await (const { key } of this.bucket.list(DOING, start)) if (key !== kept) await this.bucket.remove(DOING, key);
  }

  private startOf(runKey: string, { name, epoch }: Pick<RoomNote, 'name' | 'epoch'>): string {
    return `${this.prefix}${runKey}/${RESERVED_FILE}-${name}.${epoch}.`;
  }
}

function noteIn(file: string): RoomNote | undefined {
  if (!file.startsWith(`${RESERVED_FILE}-`)) return undefined;
  const [, name, epoch, bytes] = /^-(.*)\.(\d+)\.(\d+)$/.exec(file.slice(RESERVED_FILE.length)) ?? [];
  return name === undefined ? undefined : { name, epoch: Number(epoch), bytes: Number(bytes) };
}

/** Between two steps of a change both notes of a file are there. */
function largest(notes: readonly RoomNote[]): RoomNote[] {
  return notes.filter(
    (note, place) =>
      !notes.some(
        (other, at) =>
          other.name === note.name &&
          other.epoch === note.epoch &&
          (other.bytes > note.bytes || (other.bytes === note.bytes && at < place)),
      ),
  );
}
