import { trimmedSql } from './treatment-sql.js';

/** Shorter values (bytes of UTF-8) are too common to tell a leak from a coincidence. */
const MIN_BYTES = 4;

/** A text, a column's name, as the leak check compares it: whatever its letters' case and form, and the blanks at both ends. */
export const comparableSql = (text: string): string => `lower(nfc_normalize(${trimmedSql(text)}))`;

export const longEnoughSql = (text: string): string => `strlen(${text}) >= ${MIN_BYTES}`;

export const isBeyondAsciiSql = (text: string): string => `strlen(${text}) <> length(${text})`;

/** Whether it is worth while to look for words: cheap, and true of every text with two of them but where neither a space nor a letter beyond ASCII is. */
export const mayHaveWordsSql = (text: string): string => `(contains(${text}, ' ') OR ${isBeyondAsciiSql(text)})`;

/** What joins the words of a label, beside blanks. */
const JOINTS = ['-', '_', '.', '/'];

/** The same of a text in which names are looked for, whose words may be joined by more than blanks: true of no pseudonym. */
export const mayHoldNameSql = (text: string): string =>
  `(${mayHaveWordsSql(text)} OR ${JOINTS.map((joint) => `contains(${text}, '${joint}')`).join(' OR ')})`;

/** Longest name that is looked for among other words, in characters. */
const LONGEST_NAME = 200;
/** Characters of a text in which names are looked for. */
const LOOKED_AT = 10_000;
/** Characters whose words are taken apart at once; the words of a text of megabytes would take some ten times as many. */
const PIECE = 400;

/** What of a comparable text may be a name. */
export const headSql = (text: string): string =>
  `CASE WHEN strlen(${text}) > ${LONGEST_NAME} THEN left(${text}, ${LONGEST_NAME}) ELSE ${text} END`;

/** The start of a text as a list of pieces, each with so much of the next that every name is whole in one. */
export function piecesSql(text: string): string {
  const cut = `regexp_extract_all(left(${text}, ${LOOKED_AT}), '(?s).{1,${PIECE}}')`;
  const overlapping = `list_transform(pieces, lambda piece, place: piece || coalesce(left(pieces[place + 1], ${LONGEST_NAME}), ''))`;
  return `CASE WHEN strlen(${text}) <= ${PIECE} THEN [${text}] ELSE list_transform([${cut}], lambda pieces: ${overlapping})[1] END`;
}

/** The words of a comparable text, whatever stands between them. */
export const wordsSql = (text: string): string => `regexp_extract_all(${text}, '[\\pL\\pM\\pN]+')`;

/** Hash of two words. Of three arguments, so that it is not the hash of a text. */
const pairSql = (first: string, second: string): string => `hash('words', ${first}, ${second})`;

/** Hash of the first two of a list of words; null where there are fewer. */
export const firstPairSql = (words: string): string =>
  `CASE WHEN len(${words}) >= 2 THEN ${pairSql(`${words}[1]`, `${words}[2]`)} END`;

/** Hash of the last and the first of a list of words, which are neighbours where a name is turned round: `Doe, Jane`. */
export const turnedPairSql = (words: string): string =>
  `CASE WHEN len(${words}) >= 2 THEN ${pairSql(`${words}[-1]`, `${words}[1]`)} END`;

/** Hashes of all neighbours in a list of words. */
export const pairsSql = (words: string): string =>
  `list_transform(range(1, len(${words})), lambda place: ${pairSql(`${words}[place]`, `${words}[place + 1]`)})`;

/** A list of words as a text in which another such text stands only where its words do. */
export const joinedSql = (words: string): string => `' ' || array_to_string(${words}, ' ') || ' '`;

/** Of a list of words, the texts of `joinedSql` that it becomes where it is turned round at any place. */
export const turnedSql = (words: string): string =>
  `list_transform(range(len(${words})), lambda place: ${joinedSql(`list_concat(${words}[place + 1:], ${words}[1:place])`)})`;
