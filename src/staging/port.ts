import type { Readable } from 'node:stream';
import type { Reference } from '../model/reference.js';
import type { WrappingKey } from './run-key.js';

/** Where bytes live between two activities of one run. Losing all of it costs a download, never a job and never a row. */
export interface StagingArea {
  /** Names the task queue of the workers that see this area; stable across restarts. */
  readonly id: string;
  /** The part of one run. Creates nothing until something is written. */
  run(owner: StagingOwner): RunStaging;
  /** Runs that have bytes here, whoever left them. */
  leftovers(): Promise<readonly Leftover[]>;
}

export interface StagingOwner {
  /** Run id: names the run's part. */
  readonly runKey: string;
  readonly workflowId: string;
  /** Temporal's, in which the run is. */
  readonly namespace: string;
  /**
   * Of the attempt that works here: higher than that of each one of the run before it. A file that an earlier one has under way is taken
   * over, and it can not touch it any more.
   */
  readonly epoch: number;
  /** What is staged is encrypted under a key of this run alone, and that one under this. */
  readonly wrapping: WrappingKey;
}

export interface Leftover {
  readonly runKey: string;
  /** Undefined where it is not known any more. */
  readonly workflowId: string | undefined;
  /** Of the workflow; undefined where it is not known. */
  readonly namespace: string | undefined;
  /** Present where its owner was not even noted yet, which comes before all else. */
  readonly nothingStaged?: true;
  /** Epoch milliseconds of the last change. */
  readonly changedAt: number;
  /** Removes its bytes. */
  discard(): Promise<void>;
}

/** All bytes are encrypted where they lie; lengths and hashes are those of the text. */
export interface RunStaging {
  /**
   * A file that is written piece by piece and survives the process.
   * @throws ExportError `StagingLost` where an attempt of a higher epoch has it
   */
  partial(name: string): Promise<PartialFile>;
  /**
   * A file that `write` makes at the local path it is given; hashed, sealed and put in place when `write` is done.
   * A failed `write` leaves nothing.
   */
  produce(name: string, write: (path: string) => Promise<void>): Promise<Reference>;
  /** Bytes of a staged file, checked against the reference's length and hash: the stream errors at its end if they differ. */
  read(reference: Reference): Promise<Readable>;
  /** A staged file as plain text at a local path, after its length and hash were checked. */
  open(reference: Reference): Promise<OpenedFile>;
  /** A private (0700) folder for pieces that live no longer than the caller; removed by `discard`. */
  scratch(): Promise<string>;
  /**
   * Removes what this attempt and earlier ones have, so that others get the room. Repeating it is harmless.
   * @throws ExportError `StagingLost`, and nothing goes, where an attempt of a higher epoch has anything
   */
  giveUp(): Promise<void>;
  /** Removes all of the run's bytes, whoever has them. Repeating it is harmless. */
  discard(): Promise<void>;
}

export interface OpenedFile {
  /** For this process; good until `close`. */
  readonly path: string;
  close(): Promise<void>;
}

/** A file under download. What is in it was written whole and in order. */
export interface PartialFile {
  /** Bytes that are there from an earlier attempt. */
  readonly bytes: number;
  /** What the source said of the version they belong to (a strong ETag); undefined: they can't be continued. */
  readonly validator: string | undefined;
  append(chunk: Uint8Array): Promise<void>;
  /**
   * Forgets all bytes; those that follow belong to the version that `validator` names.
   * @param expected how many will come; undefined where nobody said
   * @throws ExportError `StagingFull` where there is no room for them now
   */
  restart(validator: string | undefined, expected?: number): Promise<void>;
  /**
   * Where the bytes are zipped: makes room for a text of so many bytes, which others of the run will write.
   * @throws ExportError `StagingFull` where there is no room for it now, and the file is empty then
   */
  makeRoom(textBytes: number): Promise<void>;
  /** Syncs, hashes and puts the file in place. */
  complete(): Promise<Reference>;
  /** Lets go of it and keeps its bytes for a later attempt. */
  close(): Promise<void>;
}
