import type { MomentForm, Patch, Piece } from './pieces.js';
import { BLOCK_WIDTH, MOMENT_WIDTHS, PERSON_WIDTH, SURNAME_WIDTH, patchWidth } from './pieces.js';
import { mix } from './random.js';

/** People of one block of the users list; the data's features repeat with this period. */
export const USERS_PER_BLOCK = 100;
const FIRST_PERSON = 40_000_000;
const SURNAMES = 100_000_000;
const CONSONANTS = Buffer.from('bcdfghjklmnprstvwyzq');
const VOWELS = Buffer.from('aeiou');

/** What the patches of a file are drawn from. */
export interface PatchSeeds {
  readonly file: number;
  readonly people: number;
  /** When a slot of a block of a stream happened, epoch milliseconds. Only streams have moments. */
  readonly moment?: (block: number, slot: number) => number;
}

interface PlacedPatch {
  readonly patch: Patch;
  readonly offset: number;
}

/**
 * Records that repeat, block after block, with the same length and other content in their patches.
 * Rendering is a copy and some digits, so that a server can outrun whoever reads from it.
 */
export class BlockTemplate {
  readonly slots: number;
  readonly bytes: number;
  readonly #text: Buffer;
  /** Where each slot starts; one more entry for the end. */
  readonly #starts: readonly number[];
  readonly #patches: readonly (readonly PlacedPatch[])[];

  constructor(slots: Iterable<readonly Piece[]>) {
    const literals: string[] = [];
    const starts = [0];
    const patches: PlacedPatch[][] = [];
    let bytes = 0;
    for (const pieces of slots) {
      const placed: PlacedPatch[] = [];
      for (const piece of pieces) {
        if (typeof piece === 'string') {
          literals.push(piece);
          bytes += Buffer.byteLength(piece);
        } else {
          placed.push({ patch: piece, offset: bytes });
          literals.push('0'.repeat(patchWidth(piece)));
          bytes += patchWidth(piece);
        }
      }
      patches.push(placed);
      starts.push(bytes);
    }
    this.slots = patches.length;
    this.bytes = bytes;
    this.#text = Buffer.from(literals.join(''));
    this.#starts = starts;
    this.#patches = patches;
  }

  start(slot: number): number {
    return this.#starts[slot] ?? this.bytes;
  }

  /** The slot that holds byte `offset` of the block. */
  slotAt(offset: number): number {
    let low = 0;
    let high = this.slots - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.start(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Writes the slots `from` to `to` (exclusive) of block number `block` into `target`; gives the bytes written. */
  render(target: Buffer, at: number, block: number, from: number, to: number, seeds: PatchSeeds): number {
    const first = this.start(from);
    const last = this.start(to);
    this.#text.copy(target, at, first, last);
    const shift = at - first;
    for (let slot = from; slot < to; slot += 1) {
      for (const { patch, offset } of this.#patches[slot] ?? [])
        writePatch(target, shift + offset, patch, block, seeds);
    }
    return last - first;
  }
}

function writePatch(target: Buffer, at: number, patch: Patch, block: number, seeds: PatchSeeds): void {
  switch (patch.kind) {
    case 'person':
      writeDigits(target, at, PERSON_WIDTH, FIRST_PERSON + block * USERS_PER_BLOCK + patch.slot);
      return;
    case 'surname':
      writeSurname(target, at, block * USERS_PER_BLOCK + patch.slot, patch.letters, seeds.people);
      return;
    case 'digits': {
      const drawn = mix(seeds.file, block, patch.salt);
      writeDigits(target, at, patch.width, patch.divisor === undefined ? drawn : Math.floor(drawn / patch.divisor));
      if (patch.lastNonZero) target[at + patch.width - 1] = 49 + (drawn % 9);
      return;
    }
    case 'block':
      writeDigits(target, at, BLOCK_WIDTH, block);
      return;
    case 'moment':
      target.write(momentText(patch.form, seeds.moment?.(block, patch.slot) ?? 0), at, 'latin1');
  }
}

function writeDigits(target: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  for (let place = at + width - 1; place >= at; place -= 1) {
    const next = (rest / 10) | 0;
    target[place] = 48 + (rest - next * 10);
    rest = next;
  }
}

function momentText(form: MomentForm, time: number): string {
  switch (form) {
    case 'iso':
      return new Date(time).toISOString();
    case 'milliseconds':
      return String(time);
    case 'seconds':
      return String(Math.floor(time / 1000));
    case 'nanoseconds':
      // Spaces, since JSON has no numbers with zeros in front.
      return String((time % 1000) * 1_000_000).padStart(MOMENT_WIDTHS.nanoseconds);
  }
}

/** The factor is coprime to the number of surnames, so that no two people get the same one. */
function writeSurname(
  target: Buffer,
  at: number,
  person: number,
  letters: 'capital' | 'lower' | 'upper',
  seed: number,
): void {
  let rest = (person * 7_654_321 + seed) % SURNAMES;
  for (let place = at; place < at + SURNAME_WIDTH; place += 2) {
    const syllable = rest % 100;
    rest = Math.floor(rest / 100);
    const shift = letters === 'upper' ? 32 : 0;
    target[place] = (CONSONANTS[syllable % 20] ?? 0) - (letters === 'capital' && place === at ? 32 : shift);
    target[place + 1] = (VOWELS[Math.floor(syllable / 20)] ?? 0) - shift;
  }
}
