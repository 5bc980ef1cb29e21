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
   * Keeps room for a file that has so many bytes, beside the run's other files, until the run's bytes go.
   * @throws ExportError `StagingFull` while others have it, `StagingTooSmall` where it can never be
   */
  reserve(fileBytes: number): Promise<void>;
  /** The same for a file that has got so long; what was reserved before stays. */
  extend(fileBytes: number): Promise<void>;
}

/** As much room as there is. */
export const noBound: Room = { reserve: () => Promise.resolve(), extend: () => Promise.resolve() };

/** How much the runs of one staging area may have in it. Processes that share the area share its bounds. */
export class Budget {
  constructor(
    private readonly notes: RoomNotes,
    private readonly maxBytes: number,
  ) {}

  /** @param epoch of the attempt: one that a later one has taken over from reserves nothing any more */
  roomFor(runKey: string, name: string, epoch: number): Room {
    return {
      reserve: (fileBytes) => this.reserve(runKey, { name, epoch, bytes: fileBytes * FOOTPRINT }, 'all'),
      extend: (fileBytes) => this.reserve(runKey, { name, epoch, bytes: fileBytes * FOOTPRINT }, 'more'),
    };
  }

  private async reserve(runKey: string, note: RoomNote, how: 'all' | 'more'): Promise<void> {
    const own = (await this.notes.all()).find((run) => run.runKey === runKey)?.notes ?? [];
    const before = own.filter(({ name }) => name === note.name);
    refuseLate(note.epoch, Math.max(0, ...before.map(({ epoch }) => epoch)));
    if (how === 'more' && before.some(({ bytes }) => bytes >= note.bytes)) return;
    const needed = note.bytes + sum(own.filter(({ name }) => name !== note.name).map(({ bytes }) => bytes));
    const [max, wanted] = [this.maxBytes, needed].map((bytes) => Math.ceil(bytes / MIB));
    if (needed > this.maxBytes) {
      throw new ExportError(
        'StagingTooSmall',
        `The run needs some ${wanted} MiB of staging, which may hold ${max} MiB.`,
      );
    }
    // Noted before it is counted: two that come at once see each other.
    await this.notes.write(runKey, note);
    for (const { name, epoch } of before) if (epoch < note.epoch) await this.notes.remove(runKey, { name, epoch });
    const used = sum((await this.notes.all()).map(useOf));
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

/** What a run has reserved, or what is there where that is more. */
const useOf = ({ notes, there }: RunRoom): number => Math.max(sum(notes.map(({ bytes }) => bytes)), there);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
