import type { KeyObject } from 'node:crypto';
import { ExportError } from '../model/export-error.js';
import type { StagingOwner } from './port.js';
import { newRunKey, unwrappedRunKey } from './run-key.js';
import { BrokenSeal } from './sealing.js';

/** Where the key of a run is kept, wrapped. */
export interface KeyPlace {
  /** Undefined where there is none. */
  read(): Promise<Uint8Array | undefined>;
  /** Makes the run known, and keeps the key unless there is one by now. */
  keep(wrapped: Uint8Array): Promise<void>;
  /** Removes all of the run. @throws ExportError `StagingLost` where a later attempt has anything */
  begin(): Promise<void>;
}

/** The key of one run, kept beside what it seals. */
export class KeptKey {
  /** Whether it was there before: where it is not any more, the run is over, and is not begun again by who did not notice. */
  private seen = false;

  constructor(
    private readonly owner: StagingOwner,
    private readonly place: KeyPlace,
  ) {}

  /** @throws ExportError `StagingLost` where there is none, or not one that this worker can unwrap */
  async toRead(): Promise<KeyObject> {
    const wrapped = await this.place.read();
    if (!wrapped) throw new ExportError('StagingLost', 'The staged files are gone.');
    const key = await this.unwrapped(wrapped);
    if (key) return key;
    throw new ExportError('StagingLost', 'The staged files are sealed under a key that this worker does not have.');
  }

  /** The key to seal with; the run's first caller makes it. @throws ExportError `StagingLost` where it was there and is gone */
  async toWrite(): Promise<KeyObject> {
    const { runKey, wrapping } = this.owner;
    const wrapped = await this.place.read();
    const key = wrapped && (await this.unwrapped(wrapped));
    if (key) return key;
    // It was there: the run is over, or at a worker that could not unwrap it and has made another one.
    if (this.seen) return this.toRead();
    // Sealed under a key that is gone: what is there is worth nothing any more.
    if (wrapped) await this.place.begin();
    await this.place.keep((await newRunKey(wrapping, runKey)).wrapped);
    return this.toRead();
  }

  private async unwrapped(wrapped: Uint8Array): Promise<KeyObject | undefined> {
    try {
      const key = await unwrappedRunKey(this.owner.wrapping, this.owner.runKey, wrapped);
      this.seen = true;
      return key;
    } catch (error) {
      if (error instanceof BrokenSeal) return undefined;
      throw error;
    }
  }
}
