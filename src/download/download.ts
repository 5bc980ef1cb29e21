import { describeTransportFault } from '../http/transport-error.js';
import { retryAfterMs } from '../http/retry-after.js';
import { ExportError } from '../model/export-error.js';
import { isStrong, planFor, type Plan, type Position } from './answer.js';
import { GzipCheck } from './gzip-check.js';
import { looksLikeMarkup } from './markup.js';
import { bodyStart, discard, open, type Opened } from './open.js';
import { Sink } from './sink.js';
import type { DownloadOptions, DownloadResult } from './types.js';

/**
 * Brings what a link points at into a file, going on from the bytes that are there, with a new link for every request.
 *
 * Bytes are continued only where a strong ETag proves that they belong to the same version; anything else begins anew. It is
 * complete when the stated length is there, or the body's end mark, and of gzip the trailer too. Whenever it ends otherwise, the
 * file is closed and keeps its bytes.
 * @throws ExportError `DownloadInterrupted` when the links are used up or the source can't serve now; `FileMalformed` when gzip is
 *   damaged twice over; `LinkRefused`; `ClariUnreachable` where no connection comes about; what `link`, `file` and
 *   `classifyStatus` give; the signal's reason
 */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  const transfer = new Transfer(options);
  try {
    return await transfer.run();
  } catch (error) {
    await options.file.close();
    options.signal.throwIfAborted();
    throw error;
  } finally {
    transfer.release();
  }
}

/** Clari's JSON is so many times as long as its zipped form, at most. */
const UNZIPPED = 12;

type Receive = Extract<Plan, { action: 'receive' }>;
/** How one request ended: with the whole file, or with a reason for another one. */
type Ending = { readonly lengthProven: boolean } | { readonly why: string };

class Markup extends Error {}

class Transfer {
  readonly #options: DownloadOptions;
  readonly #sink: Sink;
  #validator: string | undefined;
  #encoding: Position['encoding'] = 'identity';
  #etag: string | undefined;
  #total: number | undefined;
  #resumedFrom: number;
  #host = 'the download link’s host';
  #keyRefused = false;
  #gzip: GzipCheck | undefined;
  #damaged = false;

  constructor(options: DownloadOptions) {
    this.#options = options;
    const { bytes, validator } = options.file;
    this.#resumedFrom = isStrong(validator) ? bytes : 0;
    this.#validator = this.#resumedFrom > 0 ? validator : undefined;
    const append = async (chunk: Uint8Array): Promise<void> => {
      await options.file.append(chunk);
      if (this.#gzip === undefined) return;
      await this.#gzip.write(chunk);
      await options.file.makeRoom(this.#gzip.textBytes);
    };
    this.#sink = new Sink(append, options.onProgress ?? (() => undefined), this.#resumedFrom);
  }

  async run(): Promise<DownloadResult> {
    const { maxLinks = 5, signal } = this.#options;
    let why = '';
    for (let links = 1; links <= maxLinks; links++) {
      signal.throwIfAborted();
      const ending = await this.#request();
      if ('why' in ending) why = ending.why;
      else if (this.#gzip === undefined) return this.#result(links, ending.lengthProven);
      else if (await this.#gzip.isWhole()) {
        await this.#options.file.makeRoom(this.#gzip.textBytes);
        return this.#result(links, true);
      } else why = this.#damage();
    }
    throw this.#interrupted(`after ${maxLinks} links: ${why}`);
  }

  release(): void {
    this.#gzip?.drop();
  }

  /** HTTP has brought all of a zipped file, and yet it is not whole. */
  #damage(): string {
    if (this.#damaged) throw new ExportError('FileMalformed', 'The zipped file came cut off or damaged twice.');
    this.#damaged = true;
    this.#forget();
    return 'the zipped file came cut off or damaged';
  }

  #result(links: number, lengthProven: boolean): DownloadResult {
    this.#sink.report();
    return {
      bytes: this.#sink.offset,
      etag: this.#etag,
      resumedFrom: this.#resumedFrom,
      links,
      contentEncoding: this.#encoding,
      lengthProven,
    };
  }

  async #request(): Promise<Ending> {
    const { link, dispatcher, rules, signal, idleTimeoutMs = 60_000 } = this.#options;
    const position = this.#position();
    const range: Record<string, string> =
      position.validator === undefined ? {} : { range: `bytes=${position.offset}-`, 'if-range': position.validator };
    const opened = await open({ dispatcher, rules, idleTimeoutMs, signal }, await link(), range);
    this.#host = opened.host;
    const { status, headers, body } = opened;
    if (status !== 200 && status !== 206 && status !== 416) return this.#refused(opened);
    let plan: Plan;
    try {
      plan = planFor(status, headers, position);
    } catch (error) {
      discard(body);
      throw error;
    }
    if (plan.action === 'receive') return this.#receive(plan, opened);
    discard(body);
    if (plan.action === 'complete') {
      this.#etag = plan.etag;
      return { lengthProven: true };
    }
    if (plan.action === 'restart') this.#forget();
    return { why: plan.why };
  }

  #position(): Position {
    const offset = this.#validator === undefined ? 0 : this.#sink.offset;
    return {
      offset,
      validator: offset > 0 ? this.#validator : undefined,
      encoding: this.#encoding,
      total: this.#total,
    };
  }

  /** The bytes stay in the file until there are others, but nothing goes on from them. */
  #forget(): void {
    this.#validator = undefined;
    this.#resumedFrom = 0;
  }

  async #receive(plan: Receive, { body }: Opened): Promise<Ending> {
    const { signal } = this.#options;
    const sink = this.#sink;
    if (plan.from === 0) sink.beginAnew((start) => this.#begin(plan, start));
    this.#etag = plan.etag;
    let received = 0;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        received += chunk.length;
        await this.#written(sink.write(chunk));
      }
      await this.#written(sink.flush());
    } catch (error) {
      if (error instanceof NotWritten) throw error.reason;
      if (error instanceof Markup) return { why: 'an HTML page came instead of the file' };
      // What came before the break was sent in order and counts.
      const kept = sink.pending ? await this.#keep() : undefined;
      sink.drop();
      signal.throwIfAborted();
      return { why: kept ?? describeTransportFault(error).kind };
    }
    if (plan.length !== undefined && received > plan.length) {
      this.#forget();
      return { why: 'more came than was announced' };
    }
    if (plan.total !== undefined && sink.offset !== plan.total) return { why: 'the answer ended early' };
    return { lengthProven: plan.lengthProven };
  }

  /** Empties the file for a new version, once its first bytes are here and look like a file. */
  async #begin(plan: Receive, start: Uint8Array): Promise<void> {
    // Many a link host or proxy sends its error page with 200; neither JSON nor CSV begins with markup.
    if (plan.encoding === 'identity' && looksLikeMarkup(start)) throw new Markup();
    const validator = isStrong(plan.etag) ? plan.etag : undefined;
    // A part need not repeat how the whole is encoded, so a later attempt could not tell: only this one goes on from gzip.
    const zipped = plan.encoding === 'gzip';
    const expected = plan.total === undefined ? undefined : plan.total * (zipped ? UNZIPPED : 1);
    await this.#written(this.#options.file.restart(zipped ? undefined : validator, expected));
    this.#sink.restarted();
    this.#gzip?.drop();
    this.#gzip = plan.encoding === 'gzip' ? new GzipCheck() : undefined;
    this.#validator = validator;
    this.#encoding = plan.encoding;
    this.#total = plan.total;
    this.#resumedFrom = 0;
  }

  async #keep(): Promise<string | undefined> {
    try {
      await this.#sink.flush();
      return undefined;
    } catch (error) {
      if (error instanceof Markup) return 'an HTML page came instead of the file';
      throw error instanceof NotWritten ? error.reason : error;
    }
  }

  /** Marks what goes wrong with the file, as opposed to the network. */
  async #written(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      throw error instanceof Markup || error instanceof NotWritten ? error : new NotWritten(error);
    }
  }

  async #refused({ status, headers, body, foreign }: Opened): Promise<Ending> {
    if (foreign) {
      discard(body);
      if (expired.has(status)) return { why: `the link was refused (${status})` };
      const wait = retryAfterMs(headers);
      throw this.#interrupted(`with status ${status}`, wait);
    }
    const start = await bodyStart(body);
    this.#options.signal.throwIfAborted();
    // The key may have been replaced since the link was made: a new one brings the new key, or the proof that it is dead.
    if (status === 401 && !this.#keyRefused) {
      this.#keyRefused = true;
      return { why: 'the key was refused (401)' };
    }
    throw (
      this.#options.classifyStatus?.(status, start, headers) ??
      this.#interrupted(`with status ${status}`, retryAfterMs(headers))
    );
  }

  #interrupted(how: string, wait?: number): ExportError {
    const message = `The download from ${this.#host} broke off at byte ${this.#sink.offset} ${how}.`;
    return new ExportError('DownloadInterrupted', message, wait === undefined ? {} : { retryAfterMs: wait });
  }
}

/** What hosts answer for a link whose time is over. */
const expired = new Set([400, 401, 403, 404, 410]);

class NotWritten extends Error {
  constructor(readonly reason: unknown) {
    super('not written');
  }
}
