import { mix, seedFrom } from '../../src/testing/fake-clari/data/random.js';

/** Draws by a seed: the same questions in the same order have the same answers. */
export class Draw {
  #asked = 0;

  readonly #seed: number;

  constructor(seed: number) {
    // Seeds that are neighbours would else begin alike.
    this.#seed = seedFrom('chaos', seed);
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    this.#asked += 1;
    // Of 31 bits the middle ones: the ends of a quick mix are its worst.
    return least + ((mix(this.#seed, this.#asked, 0) >>> 3) % (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.between(0, 999) < probability * 1000;
  }

  oneOf<const T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }
}
