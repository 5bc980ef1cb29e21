import { landingRows, stoppingRows } from '../../test/support/poison-rows.js';
import { code, markdown } from './tables.js';

const places = { FileMalformed: 'list, record and byte', ValueRejected: 'column and record, and how many there are' };

/** The table of docs/odd-values.md, by the name of its marker. */
export const poisonTables: Readonly<Record<string, () => string>> = {
  poison: () =>
    markdown(
      ['an entry with', 'what becomes of it'],
      [
        ...stoppingRows.map(({ name, type }) => [name, `Stops the run: ${code(type)}, which names ${places[type]}.`]),
        ...landingRows.map(({ name, lands }) => [name, `Lands. ${lands}`]),
      ],
    ),
};
