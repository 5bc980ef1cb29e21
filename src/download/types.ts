import type { Dispatcher } from 'undici';
import type { AnswerHeaders } from '../http/headers.js';
import type { LinkRules } from './link-rules.js';

/** Where the bytes are at this moment. A bearer secret for one request. */
export interface Link {
  readonly url: string;
  /** For exactly this URL's host. */
  readonly headers: Readonly<Record<string, string>>;
  /** True when it came in somebody's answer, and so must pass the link rules. */
  readonly foreign: boolean;
}

/** What a download needs of the file that it fills. */
export interface DownloadFile {
  /** Bytes that are there from an earlier attempt. */
  readonly bytes: number;
  /** The strong ETag that they belong to; undefined: they can't be continued. */
  readonly validator: string | undefined;
  append(chunk: Uint8Array): Promise<void>;
  /** @param expected bytes of text that will come; undefined where nobody said */
  restart(validator: string | undefined, expected?: number): Promise<void>;
  /**
   * Makes room for what becomes of zipped bytes.
   * @param textBytes how long their text is so far
   */
  makeRoom(textBytes: number): Promise<void>;
  /** Keeps the bytes. Called when the download ends without being complete. */
  close(): Promise<void>;
}

export type ContentEncoding = 'identity' | 'gzip';

export interface DownloadOptions {
  /** Asked anew for each request. Its errors end the download. */
  readonly link: () => Promise<Link>;
  readonly file: DownloadFile;
  /** For links that are not foreign; the others go by the rules' own. */
  readonly dispatcher: Dispatcher;
  readonly rules: LinkRules;
  readonly signal: AbortSignal;
  /** Called about every MiB and at the end with all bytes so far, earlier attempts' included. */
  readonly onProgress?: (bytesSoFar: number) => void;
  /** Bound on the silence between two pieces, in milliseconds; there is none on the whole. Default 60 000. */
  readonly idleTimeoutMs?: number;
  /** Links that one call may use up. Default 5. */
  readonly maxLinks?: number;
  /** What a refusal of a link that is not foreign means to whoever gave it; undefined: what it means to HTTP. */
  readonly classifyStatus?: (status: number, bodyStart: string, headers: AnswerHeaders) => Error | undefined;
}

export interface DownloadResult {
  /** Length of the file. */
  readonly bytes: number;
  /** The source's ETag, strong or weak. */
  readonly etag: string | undefined;
  /** Bytes of earlier attempts that are part of the file. */
  readonly resumedFrom: number;
  /** Links used up. */
  readonly links: number;
  /** How the bytes in the file are encoded: as they were sent. */
  readonly contentEncoding: ContentEncoding;
  /** False when the source gave neither a length nor an end mark, so that a cut file would look the same. */
  readonly lengthProven: boolean;
}
