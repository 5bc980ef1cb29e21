import { open } from 'node:fs/promises';
import { request } from 'undici';
import { createDispatcher } from '../../http/dispatcher.js';
import { isTooShort, LEAST_BYTES } from '../../leak-scan/search.js';
import { BAD_FLAG, CommandError } from '../command-error.js';

/** Each is looked for in up to some fifty spellings, which take seven kilobytes. */
const MOST_VALUES = 20_000;
const MOST_FILE_BYTES = 8 * 1024 * 1024;

const wrong = (rule: string): CommandError => new CommandError(`error: --values: ${rule}`, BAD_FLAG);

/** What separates the fields of a table, but for the comma of `Doe, Jane`; and what UTF-16 looks like. */
const SEVERAL = /[\t;|\0\uFFFD]|,\S/;

const linesOf = (lines: readonly number[]): string =>
  `${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, 10).join(', ')}${lines.length > 10 ? ', ...' : ''}`;

/** What is looked for, each value with the first line that has it. @throws CommandError that names lines, never a value */
export async function readValues(file: string): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  const short: number[] = [];
  const several: number[] = [];
  for (const [index, line] of (await textOf(file)).split('\n').entries()) {
    const value = line.trim();
    if (value === '') continue;
    if (SEVERAL.test(value)) several.push(index + 1);
    else if (isTooShort(value)) short.push(index + 1);
    else if (!values.has(value)) values.set(value, index + 1);
  }
  if (several.length > 0) {
    throw wrong(
      `${linesOf(several)} of ${file}: as a whole, such a row of fields stands nowhere; give each value a line of its own, in UTF-8`,
    );
  }
  if (short.length > 0) {
    throw wrong(
      `${linesOf(short)} of ${file}: fewer than ${LEAST_BYTES} bytes are found anywhere by chance; give longer values, such as a full name`,
    );
  }
  if (values.size === 0) throw wrong(`${file} holds no value; give one a line`);
  if (values.size > MOST_VALUES)
    throw wrong(`${file} holds more than ${MOST_VALUES} values, too many for memory; take a part of them at a time`);
  return values;
}

/** What a fake Clari has given to anybody, each value with its place in the list. @throws CommandError */
export async function readCanaries(control: URL): Promise<ReadonlyMap<string, number>> {
  const url = `${control.href.replace(/\/+$/, '')}/canaries`;
  const dispatcher = createDispatcher();
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    const list: unknown = statusCode === 200 ? await body.json() : undefined;
    if (!Array.isArray(list)) throw new TypeError('no list');
    const values = list.map((value, index) => [String(value), index + 1] as const);
    const long = values.filter(([value]) => !isTooShort(value)).slice(0, MOST_VALUES);
    return new Map(long);
  } catch {
    throw new CommandError(
      'error: --canaries: no fake Clari answers there; give the controlUrl that clari-temporal fake-clari prints',
      BAD_FLAG,
    );
  } finally {
    await dispatcher.close();
  }
}

async function textOf(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      if ((await file.stat()).size > MOST_FILE_BYTES)
        throw wrong(`${path} is longer than 8 MiB; take a part at a time`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw wrong(`${path} can not be read (${code}); name a file with one value a line`);
  }
}
