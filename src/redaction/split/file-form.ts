import { listNames, type ListName } from '../lists.js';
import { sourceFieldsOf } from '../source-fields.js';

/** Which lists a file is split into. Its other members are counted and skipped. */
export interface FileForm<Name extends string> {
  /** What such a file is, for messages. */
  readonly what: string;
  /** The lists by name, each with the fields of its records that are counted apart however many others there are. */
  readonly lists: Readonly<Record<Name, Iterable<string>>>;
  /** The list without which the file is not the whole answer. */
  readonly required: Name;
  /** The list that a file without an object around it is; without this, such a file is refused. */
  readonly bare?: Name;
}

/** A forecast export, of five lists or flat. */
export const forecastFile: FileForm<ListName> = {
  what: 'a forecast export',
  lists: Object.fromEntries(listNames.map((name) => [name, sourceFieldsOf(name)])) as Record<ListName, Set<string>>,
  required: 'entries',
};

/** An export of activity. */
export const activityFile: FileForm<'activities'> = {
  what: 'an activity export',
  lists: { activities: [] },
  required: 'activities',
  bare: 'activities',
};

/** An export of audit events, and the people that they name. */
export const auditFile: FileForm<'items' | 'actors'> = {
  what: 'an audit export',
  lists: { items: [], actors: [] },
  required: 'items',
  bare: 'items',
};
