/** A program and its arguments. */
export type CommandWords = readonly [program: string, ...args: string[]];

/** What a shell would act on, or leave out: somebody who writes it outside quotes expects one. */
const FOR_SHELLS = /[|&;<>()$`\\*]/;
/** One piece of a word: quoted text, or what stands outside quotes. */
const PIECE = /'([^']*)'|"((?:[^"\\]|\\["\\])*)"|([^\s'"]+)/y;

/**
 * The words of a command line. There are two ways to write one:
 *
 * - Words between spaces. `'...'` keeps everything, and `"..."` everything but `\"` and `\\`, which stand for `"` and `\`. Quoted and
 *   other pieces next to each other are one word. Outside quotes nothing is special, and what would be to a shell is refused.
 * - A JSON list of texts: `["vault", "kv", "get"]`.
 *
 * The program is a name to be found on the PATH, or an absolute path.
 *
 * @throws SyntaxError that says the rule and never repeats the text
 */
export function commandWords(text: string): CommandWords {
  if (/[\0\r\n]/.test(text)) throw new SyntaxError('it holds a line break or a NUL character; write it in one line');
  const [program, ...args] = text.trimStart().startsWith('[') ? listed(text) : split(text.trim());
  if (!program) throw new SyntaxError('it names no program; write exec:PROGRAM ARGUMENTS');
  // What stands before it in a shell may hold a secret, and the program is named in messages.
  if (program.includes('='))
    throw new SyntaxError('its program has a = in its name; set variables in the environment of the worker instead');
  if (program.includes('/') && !program.startsWith('/'))
    throw new SyntaxError('its program is a relative path; write a name that is on the PATH, or an absolute path');
  return [program, ...args];
}

function listed(text: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // Told below, without what the parser says, which can repeat the text.
  }
  const words = Array.isArray(list) ? list.filter((word): word is string => typeof word === 'string') : [];
  if (!Array.isArray(list) || words.length < list.length)
    throw new SyntaxError('it begins with [ and is no JSON list of texts; write exec:["PROGRAM", "ARGUMENT"]');
  if (words.some((word) => word.includes('\0'))) throw new SyntaxError('one of its words holds a NUL character');
  return words;
}

function split(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length;) {
    PIECE.lastIndex = at;
    const [piece = '', single, double, bare] = PIECE.exec(text) ?? [];
    if (piece !== '') {
      if (bare !== undefined && FOR_SHELLS.test(bare))
        throw new SyntaxError("it runs without a shell, and holds what only a shell knows; quote it with '...'");
      word = `${word ?? ''}${single ?? double?.replace(/\\(.)/g, '$1') ?? bare ?? ''}`;
      at += piece.length;
    } else if (text[at] === '"' || text[at] === "'") {
      throw new SyntaxError('a quote in it is not closed, or has a \\ before another character than " or \\');
    } else {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
