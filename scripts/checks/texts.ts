import type { Check, SourceFile } from './repository.js';

interface ForbiddenText {
  readonly what: string;
  readonly pattern: RegExp;
}

/** Home folders of well-known container images are the same everywhere, so they give no machine away. */
const machinePaths: readonly ForbiddenText[] = [
  { what: 'a path of some machine', pattern: /(?<![\w.~-])\/(?:root|work)\// },
  { what: 'a path of some machine', pattern: /(?<![\w.~-])\/(?:home|Users)\/(?!(?:temporal|node)\/)[\w.-]+\// },
];

const LONG_HEX = '(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{32,}';
const LONG_BASE64 = '(?=[^\\s"\'`]*[a-z])(?=[^\\s"\'`]*[A-Z])(?=[^\\s"\'`]*[0-9])[A-Za-z0-9+/_-]{32,}={0,2}';

const secrets: readonly ForbiddenText[] = [
  { what: 'an AWS key id', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: 'a Slack token', pattern: /\bxox[abp]-[\w-]{10,}/ },
  { what: 'a GitHub token', pattern: /\bgh[oprsu]_[A-Za-z0-9]{36}/ },
  { what: 'a JSON Web Token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/ },
  {
    what: 'a long value given to something called a key, token, secret or password',
    pattern: new RegExp(
      `(?:[aA][pP][iI][-_]?[kK]ey|API_?KEY|[tT]oken|TOKEN|[pP]assword|PASSWORD|[sS]ecret|SECRET)["'\`]?\\s*[:=]\\s*["'\`]?` +
        `(?:${LONG_HEX}|${LONG_BASE64})(?![\\w(.])`,
    ),
  },
];

/** On the line itself or the one above: why what follows looks like a secret and is none. */
const EXCUSE = /not a secret: \S+/;

/** Texts that would tell where the package was written. */
export const checkMachinePaths: Check = (files) => find(files, machinePaths);

/** Texts that look like a real secret, unless `not a secret: REASON` stands beside them. */
export const checkSecrets: Check = (files) =>
  find(files, secrets, (lines, index) => EXCUSE.test(`${lines[index - 1] ?? ''}\n${lines[index] ?? ''}`));

export function find(
  files: readonly SourceFile[],
  forbidden: readonly ForbiddenText[],
  isExcused: (lines: readonly string[], index: number) => boolean = () => false,
): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, index) =>
      forbidden
        .filter(({ pattern }) => pattern.test(line) && !isExcused(lines, index))
        .map(({ what }) => `${path}:${index + 1}: ${what}`),
    );
  });
}
