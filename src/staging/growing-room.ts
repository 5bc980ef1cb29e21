import { ExportError } from '../model/export-error.js';
import type { Room } from './budget.js';

/** Room is made for so much more at a time, or a part of what is there. */
const STEP_BYTES = 1024 * 1024;
const STEP_PART = 16;

/** Room for a file of which nobody may have said how long it gets. */
export class GrowingRoom {
  private bytes = 0;

  constructor(private readonly room: Room) {}

  async reserve(fileBytes: number): Promise<void> {
    await this.room.reserve(fileBytes);
    this.bytes = fileBytes;
  }

  /**
   * Before a file gets so long.
   * @param giveUp removes the file's bytes: two runs that keep what they have and wait for the rest would wait for each other
   */
  async growTo(fileBytes: number, giveUp: () => Promise<void>): Promise<void> {
    if (fileBytes <= this.bytes) return;
    const next = fileBytes + Math.max(STEP_BYTES, Math.floor(fileBytes / STEP_PART));
    try {
      await this.room.extend(next);
    } catch (error) {
      if (error instanceof ExportError && error.type === 'StagingFull') await giveUp();
      throw error;
    }
    this.bytes = next;
  }
}
