import type { Looked } from '../../leak-scan/looked.js';
import type { Search } from '../../leak-scan/search.js';

export interface Finding {
  readonly place: string;
  /** Lines of the file of values. */
  readonly lines: readonly number[];
  /** The values themselves, where they may be shown. */
  readonly values?: readonly string[];
  readonly cells?: number;
  /** True where the operator means them to be. */
  readonly expected: boolean;
}

/** More are counted and not kept. */
const MOST_KEPT = 500;

export interface Source {
  readonly name: string;
  places: number;
  bytes: number;
}

/** Gathers what was found where. */
export class Findings {
  readonly #search: Search;
  readonly #lines: ReadonlyMap<string, number>;
  readonly #show: boolean;
  readonly sources: Source[] = [];
  readonly kept: Finding[] = [];
  readonly faults: string[] = [];
  /** Places with values that are not expected there. */
  unexpected = 0;
  found = 0;
  faulty = 0;

  constructor(search: Search, lines: ReadonlyMap<string, number>, { show }: { readonly show: boolean }) {
    this.#search = search;
    this.#lines = lines;
    this.#show = show;
  }

  /**
   * Takes all that a source yields.
   * @param isExpected is asked about places with values
   * @param named whether somebody named the source: that there is nothing to search in it is a fault then
   */
  async take(
    name: string,
    looks: AsyncIterable<Looked>,
    { named, isExpected = () => false }: { named: boolean; isExpected?: (place: string) => boolean },
  ): Promise<void> {
    const source: Source = { name, places: 0, bytes: 0 };
    this.sources.push(source);
    for await (const { place, bytes, values, cells, fault } of looks) {
      source.places += 1;
      source.bytes += bytes;
      if (fault !== undefined) this.#fault(`${this.#shown(place)}: ${fault}`);
      if (values.length === 0) continue;
      const expected = isExpected(place);
      this.found += 1;
      if (!expected) this.unexpected += 1;
      if (this.kept.length >= MOST_KEPT) continue;
      this.kept.push({
        place: this.#shown(place),
        lines: values.map((value) => this.#lines.get(value) ?? 0).sort((a, b) => a - b),
        ...(this.#show ? { values } : {}),
        ...(cells === undefined ? {} : { cells }),
        expected,
      });
    }
    if (named && source.places === 0) this.#fault(`${name}: there is nothing in it to search`);
  }

  #fault(text: string): void {
    this.faulty += 1;
    if (this.faults.length < MOST_KEPT) this.faults.push(text);
  }

  /** A place may be named by a value: such a part of it is not shown. */
  #shown(place: string): string {
    if (this.#show || this.#search.in(place).length === 0) return place;
    const parts = place
      .split(/([/,])/)
      .map((part) => (this.#search.in(part).length === 0 ? part : ' (not shown: it holds a value)'))
      .join('');
    return this.#search.in(parts).length === 0 ? parts : '(a place not shown: it holds a value)';
  }
}
