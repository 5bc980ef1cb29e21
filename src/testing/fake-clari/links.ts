import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EnvelopeName } from './envelopes.js';
import type { Settings } from './options.js';

/** What a link that is no good is answered with. */
export interface LinkRefusal {
  readonly status: number;
  readonly envelope: EnvelopeName;
}

/** How a link is refused where no fault says otherwise. */
export const LAPSED: LinkRefusal = { status: 403, envelope: 'xml' };

/** Mints and checks download links: signed, expiring, good for a number of uses. */
export class FakeLinks {
  readonly #settings: Settings;
  readonly #key = randomBytes(32);
  readonly #uses = new Map<string, number>();
  readonly #minted: { readonly jobId: string; readonly linkId: string; readonly url: string }[] = [];
  readonly #lapsed = new Map<string, LinkRefusal>();
  #base = '';

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** For the server: where the link host is, known once it listens. */
  serveFrom(base: string): void {
    this.#base = base;
  }

  /** A new link to the result of a job. */
  mint(jobId: string): string {
    const linkId = randomBytes(9).toString('base64url');
    const expires = this.#settings.now() + this.#settings.linkLifetimeMs;
    const path = `/exports/${jobId}/${linkId}?expires=${expires}`;
    const url = `${this.#base}${path}&signature=${this.#sign(path)}`;
    this.#minted.push({ jobId, linkId, url });
    return url;
  }

  /** Every link ever given out, for searches after leaks. */
  minted(): readonly { readonly jobId: string; readonly url: string }[] {
    return this.#minted.map(({ jobId, url }) => ({ jobId, url }));
  }

  /** From now on every link given out so far is answered with `refusal`. */
  expireAll(refusal: LinkRefusal): void {
    for (const { linkId } of this.#minted) this.#lapsed.set(linkId, refusal);
  }

  /** The job of a link that is good now, else what it is answered with; `use` spends one of its uses. */
  open(url: URL, use: boolean): string | LinkRefusal {
    const match = LINK_PATH.exec(url.pathname);
    const expires = url.searchParams.get('expires') ?? '';
    const given = Buffer.from(url.searchParams.get('signature') ?? '', 'hex');
    const due = Buffer.from(this.#sign(`${url.pathname}?expires=${expires}`), 'hex');
    if (match === null || given.length !== due.length || !timingSafeEqual(given, due)) return LAPSED;
    const [, jobId = '', linkId = ''] = match;
    const lapsed = this.#lapsed.get(linkId);
    if (lapsed !== undefined) return lapsed;
    const used = this.#uses.get(linkId) ?? 0;
    if (this.#settings.now() >= Number(expires) || used >= this.#settings.linkUses) return LAPSED;
    if (use) this.#uses.set(linkId, used + 1);
    return jobId;
  }

  #sign(path: string): string {
    return createHmac('sha256', this.#key).update(path).digest('hex');
  }
}

const LINK_PATH = /^\/exports\/([0-9a-f]{24})\/([\w-]+)$/;

/** The job that a link speaks of, good or not. */
export const jobOfLinkPath = (pathname: string): string | undefined => LINK_PATH.exec(pathname)?.[1];
