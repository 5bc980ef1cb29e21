import type { TreatmentKind } from './treatments.js';

/** What each treatment leaves of a value, for the documentation. */
export const treatmentDocs: Readonly<Record<TreatmentKind, string>> = {
  keep: 'The value as it is. Nothing personal may be among them: the leak check looks.',
  tag: 'The value as it is, which may be personal: the leak check does not look.',
  drop: 'Nothing: the column is null.',
  hmac:
    'A keyed pseudonym of 32 hex digits: the same in all tables, and for all spellings. Blanks at both ends do not count, letters are ' +
    'composed (NFC), e-mails are lower-cased; an id counts as it is. The same text has another pseudonym in each of the three domains. ' +
    'An empty text becomes null: it stands for nobody.',
  mask: 'The first character and three asterisks, however long the text is; of a text of one character, the asterisks alone; of an empty one, null. Nothing joins by it.',
  truncate:
    'The network of an IP address, `/24` of IPv4 and `/48` of IPv6; null for what is no address, counted in the receipt. No column of a forecast holds one.',
  'known-user-id':
    'The value where it is the userId of one of the file’s users, or the part before its colon; null else, counted in the receipt.',
  'brief-email':
    'The first 12 hex digits of the SHA-256 of the text as it is, and `@redacted`. It has no key: whoever guesses the text recognises it.',
  'brief-name':
    '`Rep-` and the first 6 hex digits of the SHA-256 of the text as it is. It has no key: whoever guesses the text recognises it.',
  bucket: 'The nearest multiple of the step, in units of currency; halves away from zero. Null for 10^28 and more.',
  period:
    'The first day of the period, or its first instant in UTC. Weeks begin on Monday; quarters are the calendar’s.',
};
