import { describe, expect, it } from 'vitest';
import { commandWords } from '../../src/secrets/command-words.js';

describe('the words of a command', () => {
  it.each([
    ['op read op://vault/item/field', ['op', 'read', 'op://vault/item/field']],
    ['  op \t read  ', ['op', 'read']],
    [`op read 'op://my vault/item'`, ['op', 'read', 'op://my vault/item']],
    ['op read "op://my vault/$item"', ['op', 'read', 'op://my vault/$item']],
    [String.raw`say "a \"quoted\" \\ word"`, ['say', String.raw`a "quoted" \ word`]],
    [`say one'|two'"; three"four`, ['say', 'one|two; threefour']],
    [`say '' ""`, ['say', '', '']],
    ['/opt/my-vault get key=clari ~ ? #', ['/opt/my-vault', 'get', 'key=clari', '~', '?', '#']],
    ['["vault", "kv", "get", "a b"]', ['vault', 'kv', 'get', 'a b']],
    [String.raw`[ "say", "$HOME | \" \\" ]`, ['say', String.raw`$HOME | " \ `.trimEnd()]],
  ])('are those of %s', (text, words) => {
    expect(commandWords(text)).toEqual(words);
  });

  it.each([
    ['pipes', 'op read prose | head', /without a shell/],
    ['variables', 'op read $PROSE', /without a shell/],
    ['substitutions', 'say `prose`', /without a shell/],
    ['lists of commands', 'prose; say', /without a shell/],
    ['patterns', 'cat /run/prose/*', /without a shell/],
    ['backslashes outside quotes', String.raw`say prose\ word`, /without a shell/],
    ['an open quote', `say "prose`, /not closed/],
    ['a backslash that escapes nothing', String.raw`say "\prose"`, /not closed, or has a \\/],
    ['several lines', 'say prose\nsay', /line break/],
    ['no program', '""', /names no program/],
    ['an assignment before the program', 'PROSE=prose vault read', /set variables/],
    ['a relative path', './prose get', /relative path/],
    ['a broken list', '["say", "prose"', /no JSON list/],
    ['a list of other things', '["say", 1, "prose"]', /no JSON list/],
    ['an empty list', '[]', /names no program/],
    ['a NUL character in a list', String.raw`["say", "prose\u0000"]`, /NUL/],
  ])('refuse %s, without repeating them', (_, text, rule) => {
    const words = (): unknown => commandWords(text);
    expect(words).toThrow(SyntaxError);
    expect(words).toThrow(rule);
    expect(words).not.toThrow(/prose/i);
  });
});
