import type { DroppedField } from '../model/receipt.js';
import { CSV_ROWS, type SourceList } from './lists.js';

const MAX_REPORTED = 30;
const HIDDEN = '(name not shown)';

/** Names of fields come from the file: one that does not look like a name could be data. */
export function shownName(name: string): string {
  return name.length <= 64 && /^[A-Za-z_][\w.-]*$/.test(name) ? name : HIDDEN;
}

/** The same of a CSV's columns, whose names are labels of several words. */
function shownLabel(name: string): string {
  return name.length <= 64 && /^[A-Za-z_][\w.-]*( [\w.-]+)*$/.test(name) ? name : HIDDEN;
}

/** What is told of the fields of a list. */
export const shownIn = (list: SourceList): ((name: string) => string) => (list === CSV_ROWS ? shownLabel : shownName);

/** Gathers what the file has and the destination does not get. */
export class DroppedFields {
  readonly #fields = new Map<string, { table: string; field: string; records: number }>();
  readonly #shown: (name: string) => string;

  /** @param shown what is told of a name. Default: `shownName` */
  constructor(shown: (name: string) => string = shownName) {
    this.#shown = shown;
  }

  add(table: string, name: string, records: number): void {
    const field = this.#shown(name);
    const key = `${table} ${field}`;
    const known = this.#fields.get(key);
    if (known === undefined) this.#fields.set(key, { table, field, records });
    else known.records += records;
  }

  /** How many have been added, each once. */
  get size(): number {
    return this.#fields.size;
  }

  /** Most frequent first, at most 30. */
  list(): DroppedField[] {
    return [...this.#fields.values()]
      .sort((a, b) => b.records - a.records || `${a.table} ${a.field}`.localeCompare(`${b.table} ${b.field}`))
      .slice(0, MAX_REPORTED);
  }
}
