/** Finds what looks like a credential in a request typed by hand, before it is looked at any further. */

const secretName = /^key$|api[-_]?key|token|secret|passw|authori[sz]ation|credential|private[-_]?key|cookie/i;
const secretValues = [
  /^\s*(bearer|basic)\s+\S{8,}/i,
  /\bbearer\s+[\w.~+/=-]{16,}/i,
  // A name and a value in one text, as a pasted header or JSON in quotes has them.
  /\b(x[-_])?(api[-_]?key|api[-_]?password|token|secret|password|authorization)["'\\]*\s*[:=]\s*["'\\]*[^\s"'\\]{8,}/i,
  /\beyJ[\w-]{8,}\.[\w-]{8,}/, // a JSON web token
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /[?&](X-Amz-Signature|Signature|sig|token|apikey|api_key)=/i,
  /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i, // a URL with a password
];
/** Long and without words: no id of Clari's looks so (a job id has 24 characters). */
const opaque = /^[A-Za-z0-9+/_=.-]{32,}$/;
/** A part of an id that people made up: `emea`, `NetArr`, `2027`, `q4`, `fy2027`. */
const word = /^([A-Za-z]{0,24}\d{0,4}|\d{1,8})$/;
/** Bounds the recursion, not the search: nobody types JSON as deep as this. */
const MAX_DEPTH = 100;
const MAX_TEXT = 4096;

/** Whether a word of the text is long and without words. */
function holdsOpaque(text: string): boolean {
  return text.split(/[\s,;"'<>()]+/).some(isOpaque);
}

function isOpaque(text: string): boolean {
  if (!opaque.test(text) || text.split(/[_.-]/).every((part) => word.test(part))) return false;
  const digits = text.replace(/\D/g, '').length;
  const letters = text.replace(/[^A-Za-z]/g, '').length;
  return digits >= 4 && letters >= 4 && new Set(text).size >= 10;
}

/** Paths (like `input.apiKey` or `input[1].token`) of values that look like secrets. A name that may be one itself is left out. */
export function findSecrets(value: unknown, path = 'input', depth = 0): string[] {
  if (typeof value === 'string') {
    // No field of a request is as long, and patterns over a long text would hold up the workflow's thread.
    if (value.length > MAX_TEXT) return [path];
    return holdsOpaque(value) || secretValues.some((pattern) => pattern.test(value)) ? [path] : [];
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findSecrets(item, `${path}[${index}]`, depth + 1));
  return Object.entries(value).flatMap(([name, item]) => {
    const here = `${path}.${showName(name)}`;
    if (secretName.test(name) && saysSomething(item)) return [here];
    return [...findSecrets(name, `${path} (the name of a field)`, depth + 1), ...findSecrets(item, here, depth + 1)];
  });
}

/** Text, a number, or something that holds one: `{"password": {"value": 12345678}}` tells as much as the plain form. */
function saysSomething(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value !== '';
  if (typeof value !== 'object' || value === null) return typeof value === 'number';
  return depth > MAX_DEPTH || Object.values(value).some((item) => saysSomething(item, depth + 1));
}

/** A field name that may stand in a message: what somebody typed as a name may be anything. */
export function showName(name: string): string {
  return /^[A-Za-z_][\w-]{0,31}$/.test(name) && !isOpaque(name) ? name : '(a name not shown)';
}
