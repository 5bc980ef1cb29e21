import { ExportError } from '../model/export-error.js';
import { refuseLate } from './epochs.js';

/** The file, its pieces without a name, and the tables made of it, together: this many times the file. */
const FOOTPRINT = 3;
const LOOK_AGAIN_MS = 30_000;
const MIB = 1024 * 1024;

/** What one attempt has reserved for one file of a run. */
export interface RoomNote {
  readonly name: string;
  readonly epoch: number;
  readonly bytes: number;
}

/** What a run has. */
export interface RunRoom {
  readonly runKey: string;
  readonly notes: readonly RoomNote[];
  /** Bytes that are there. */
  readonly there: number;
}

/** Where runs note what they need: beside their bytes, so that all workers see it and it goes with them. */
export interface RoomNotes {
  all(): Promise<readonly RunRoom[]>;
  write(runKey: string, note: RoomNote): Promise<void>;
  remove(runKey: string, note: Pick<RoomNote, 'name' | 'epoch'>): Promise<void>;
}

/** The room for one file of a run. */
export interface Room {
  /**
   * Takes over what earlier attempts have reserved for the file. Others of the run see by it that a later attempt is at work.
   * @throws ExportError `StagingLost` where a later one is
   */
  takeOver(): Promise<void>;
  /**
   * Keeps room for a file that has so many bytes, beside the run's other files, until the run's bytes go.
   * @throws ExportError `StagingFull` while others have it, `StagingTooSmall` where it can never be
   */
  reserve(fileBytes: number): Promise<void>;
  /** The same for a file that has got so long; what was reserved before stays. */
  extend(fileBytes: number): Promise<void>;
}

/** As much room as there is. */
export const noBound: Room = {
  takeOver: () => Promise.resolve(),
  reserve: () => Promise.resolve(),
  extend: () => Promise.resolve(),
};

/** How much the runs of one staging area may have in it. Processes that share the area share its bounds. */
export class Budget {
  constructor(
    private readonly notes: RoomNotes,
    private readonly maxBytes: number,
  ) {}

  /** @param epoch of the attempt: one that a later one has taken over from reserves nothing any more */
  roomFor(runKey: string, name: string, epoch: number): Room {
    return {
      takeOver: () => this.takeOver(runKey, name, epoch),
      reserve: (fileBytes) => this.reserve(runKey, { name, epoch, bytes: fileBytes * FOOTPRINT }, 'all'),
      extend: (fileBytes) => this.reserve(runKey, { name, epoch, bytes: fileBytes * FOOTPRINT }, 'more'),
    };
  }

  private async takeOver(runKey: string, name: string, epoch: number): Promise<void> {
    const own = notesOf(await this.notes.all(), runKey);
    refuseLate(epoch, newestOf(own));
    const before = own.filter((note) => note.name === name);
    if (before.some((note) => note.epoch === epoch)) return;
    await this.noted(runKey, { name, epoch, bytes: Math.max(0, ...before.map(({ bytes }) => bytes)) });
  }

  /** Writes a note in the place of earlier attempts'. @returns what all have then */
  private async noted(runKey: string, note: RoomNote): Promise<readonly RunRoom[]> {
    await this.notes.write(runKey, note);
    const rooms = await this.notes.all();
    const own = notesOf(rooms, runKey);
    const newest = newestOf(own);
    // It may have stood still since it looked, for as long as its successor took to come.
    if (newest > note.epoch) await this.notes.remove(runKey, note);
    refuseLate(note.epoch, newest);
    for (const { name, epoch } of own)
      if (name === note.name && epoch < note.epoch) await this.notes.remove(runKey, { name, epoch });
    return rooms;
  }

  private async reserve(runKey: string, note: RoomNote, how: 'all' | 'more'): Promise<void> {
    const own = notesOf(await this.notes.all(), runKey);
    refuseLate(note.epoch, newestOf(own));
    const before = own.filter(({ name }) => name === note.name);
    if (how === 'more' && before.some(({ bytes }) => bytes >= note.bytes)) return;
    const needed =
      note.bytes +
      sum(
        latest(own)
          .filter(({ name }) => name !== note.name)
          .map(({ bytes }) => bytes),
      );
    const [max, wanted] = [this.maxBytes, needed].map((bytes) => Math.ceil(bytes / MIB));
    if (needed > this.maxBytes) {
      throw new ExportError(
        'StagingTooSmall',
        `The run needs some ${wanted} MiB of staging, which may hold ${max} MiB.`,
      );
    }
    // Noted before it is counted: two that come at once see each other.
    const used = sum((await this.noted(runKey, note)).map(useOf));
    if (used <= this.maxBytes) return;
    await this.notes.remove(runKey, note);
    const others = Math.ceil((used - needed) / MIB);
    throw new ExportError(
      'StagingFull',
      `The run needs some ${wanted} MiB of staging, which may hold ${max} MiB and has ${others} MiB in use by others.`,
      { retryAfterMs: LOOK_AGAIN_MS },
    );
  }
}

const notesOf = (rooms: readonly RunRoom[], runKey: string): readonly RoomNote[] =>
  rooms.find((run) => run.runKey === runKey)?.notes ?? [];

const newestOf = (notes: readonly RoomNote[]): number => Math.max(0, ...notes.map(({ epoch }) => epoch));

/** What a run has reserved, or what is there where that is more. */
const useOf = ({ notes, there }: RunRoom): number => Math.max(sum(latest(notes).map(({ bytes }) => bytes)), there);

/** For each file its latest attempt's: a late one may note something behind its successor, and die of it. */
const latest = (notes: readonly RoomNote[]): readonly RoomNote[] =>
  notes.filter(({ name, epoch }) => !notes.some((other) => other.name === name && other.epoch > epoch));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
