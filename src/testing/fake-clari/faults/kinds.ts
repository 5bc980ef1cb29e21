import { z } from 'zod';
import { envelopeNames, namespaces } from '../envelopes.js';
import { oneOf } from './rule-faults.js';

const HOUR_MS = 60 * 60_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

const milliseconds = z
  .int()
  .min(0)
  .max(24 * HOUR_MS);
const afterBytes = (what: string) => z.int().min(0).max(1e12).default(0).describe(`Bytes of the body ${what}`);
const envelope = z.enum(envelopeNames);
const status = z.int().min(200).max(599);
const retryAfterRule = 'must be seconds from 0, up to 100 characters of ASCII, or {"dateIn": seconds}';
const retryAfter = z.union(
  [
    z.int().min(0).max(1e9),
    z.string().regex(/^[\x20-\x7e]{1,100}$/, retryAfterRule),
    z.strictObject({ dateIn: z.int().min(-1e9).max(1e9) }),
  ],
  { error: retryAfterRule },
);

/** The numbers of the limits that can be used up. */
const limitNames = ['monthly', 'concurrency'] as const;

/** Every fault, in the order in which a request meets them; `describe` says what a client sees. */
export const fault = z.discriminatedUnion(
  'kind',
  [
    z
      .strictObject({
        kind: z.literal('lose-request'),
        how: z.enum(['reset', 'close', 'hold']).default('reset').describe('Connection reset, closed, or open for ever'),
      })
      .describe('No answer, and nothing was processed.'),
    z
      .strictObject({ kind: z.literal('revoke-token') })
      .describe('401 for this request and for all that show its token from now on.'),
    z
      .strictObject({
        kind: z.literal('clock-skew'),
        ms: z.int().min(-YEAR_MS).max(YEAR_MS).describe('How far ahead the fake’s clock is; 0 puts it right'),
      })
      .describe('From now on another `Date` header, job times and link lifetimes.'),
    z
      .strictObject({
        kind: z.literal('expire-links'),
        status: status.default(403).describe('What a lapsed link answers'),
        envelope: envelope.default('xml').describe('Its body, as in `status`'),
        afterBytes: z
          .int()
          .min(0)
          .max(1e12)
          .optional()
          .describe('Bytes of this download that still come, then a reset'),
      })
      .describe('Every link given out so far lapses; new ones are good.'),
    z
      .strictObject({
        kind: z.literal('status'),
        status: status.default(503).describe('Status code'),
        envelope: envelope
          .optional()
          .describe(
            'Form of the body, see below. Default what Clari has for the status: 400 and 403 `coded`, 401 `message`, ' +
              '429 `gateway-error`, others `gateway-message`',
          ),
        code: z
          .string()
          .min(1)
          .max(100)
          .optional()
          .describe(
            'In `coded` and `errors`. Default by the status: 400 `bad_request`, 403 `SWW`, others `internal_server_error`',
          ),
        namespace: z.enum(namespaces).default('exports').describe('In `coded`'),
        message: z.string().max(10_000).default('An unexpected error occurred.').describe('The text in the body'),
        retryAfter: retryAfter
          .optional()
          .describe(
            '`Retry-After`: seconds, any text, or `{"dateIn": seconds}` for a date that far from the `Date` header',
          ),
        processed: z.boolean().default(false).describe('Whether the request takes effect all the same'),
      })
      .describe('Another answer, 429 and gateway pages among them. 204 and 304 have no body.'),
    z
      .strictObject({
        kind: z.literal('quota-reached'),
        limit: z.enum(limitNames).default('monthly').describe('Which number of the limits is 0'),
        shown: z
          .enum(['before', 'after'])
          .optional()
          .describe(
            'Whether the limits show it from the beginning of the rule, or from the first refusal on, see below. ' +
              'Default `before` where `times` is `always`, else `after`',
          ),
        lastsMs: z
          .int()
          .min(1)
          .max(YEAR_MS)
          .optional()
          .describe('`after`: milliseconds from that refusal to the end of the shortage. Default 2000'),
      })
      .describe(
        'A shortage: every creation is refused with 400 `export_monthly_quota_reached`, and the limits show 0.',
      ),
    z
      .strictObject({
        kind: z.literal('job'),
        end: z.enum(['done', 'failed', 'cancelled', 'aborted']).default('done').describe('How it ends'),
        rowsTruncated: z.boolean().default(false).describe('Whether the file lacks its second half'),
        cellsTruncated: z.boolean().default(false).describe('Whether the file lacks the content of some cells'),
      })
      .describe('The job that is made ends so, when its time has come; a `schedule` does not help it.'),
    z
      .strictObject({
        kind: z.literal('duplicate'),
        answer: z.enum(['first', 'second']).default('first').describe('Which of the two answers comes back'),
      })
      .describe('The request is processed twice.'),
    z
      .strictObject({
        kind: z.literal('states'),
        words: z.array(z.string().min(1).max(100)).min(1).max(100).describe('One a read, for each job apart'),
      })
      .describe('These status words, then the true one. No link beside a made-up word.'),
    z
      .strictObject({
        kind: z.literal('job-list-lag'),
        newest: z
          .int()
          .min(1)
          .max(1e6)
          .optional()
          .describe('How many of the newest jobs are missing (1 if neither is given)'),
        youngerThanMs: z
          .int()
          .min(1)
          .max(YEAR_MS)
          .optional()
          .describe('Jobs that began less than this long ago are missing'),
        inLimits: z
          .boolean()
          .default(false)
          .describe('Whether their ids are missing in the limits too, while in force'),
      })
      .describe('A list without the newest jobs.'),
    z
      .strictObject({
        kind: z.literal('lose-answer'),
        how: z.enum(['reset', 'close', 'hold']).default('reset').describe('As in `lose-request`'),
      })
      .describe('The request takes effect, and no answer comes.'),
    z
      .strictObject({
        kind: z.literal('delay'),
        ms: milliseconds.describe('Milliseconds from the effect to the answer'),
      })
      .describe('A late first byte.'),
    z
      .strictObject({
        kind: z.literal('gzip'),
        flaw: z
          .enum(['none', 'no-trailer', 'wrong-crc'])
          .default('none')
          .describe('What is wrong with the gzip stream'),
        unasked: z.boolean().default(false).describe('Also for a client that does not accept gzip'),
      })
      .describe(
        'A gzip body, with an ETag of its own, and a length only if `shorten` or `wrong-length` gives it one; ranges are ignored.',
      ),
    z
      .strictObject({
        kind: z.literal('etag'),
        variant: z
          .enum(['moving', 'changed', 'weak', 'none'])
          .default('moving')
          .describe('Another with each answer, one other for good, a weak one, none'),
      })
      .describe('Another ETag for the same bytes; `If-Range` is compared with it.'),
    z.strictObject({ kind: z.literal('ignore-range') }).describe('200 with the whole file.'),
    z
      .strictObject({
        kind: z.literal('refuse-range'),
        contentRange: z.boolean().default(true).describe('Whether `Content-Range: bytes */SIZE` comes along'),
      })
      .describe('416, whatever the range.'),
    z
      .strictObject({
        kind: z.literal('wrong-range'),
        variant: z
          .enum(['shifted-header', 'shifted-body', 'wrong-total', 'no-total', 'missing'])
          .default('shifted-header')
          .describe('The header or the bytes begin earlier than asked, the size is wrong, `*`, or there is no header'),
        by: z.int().min(1).max(1e9).default(1).describe('By how many bytes'),
      })
      .describe('206 with a `Content-Range` that lies.'),
    z
      .strictObject({
        kind: z.literal('wrong-length'),
        by: z.int().min(-1e9).max(1e9).default(1).describe('Added to `Content-Length`'),
      })
      .describe('The whole body under another length; then the connection closes.'),
    z
      .strictObject({
        kind: z.literal('chunked'),
        terminated: z.boolean().default(false).describe('Whether the last chunk comes'),
      })
      .describe('A chunked body, without a length; without the last chunk the connection just closes.'),
    z
      .strictObject({
        kind: z.literal('drip'),
        bytes: z.int().min(1).max(1e9).default(1).describe('Bytes at a time'),
        everyMs: z.int().min(1).max(HOUR_MS).default(1000).describe('Milliseconds between them'),
        afterBytes: afterBytes('at full speed before'),
      })
      .describe('A body that comes slowly.'),
    z
      .strictObject({ kind: z.literal('shorten'), afterBytes: afterBytes('that come') })
      .describe('A body that ends early, with a length and a `Content-Range` that agree: only the content tells.'),
    z
      .strictObject({ kind: z.literal('cut'), afterBytes: afterBytes('that come') })
      .describe('The true length, where the body has one, then the connection closes early.'),
    z
      .strictObject({ kind: z.literal('stall'), afterBytes: afterBytes('that come') })
      .describe('Nothing more comes; the connection stays open.'),
    z
      .strictObject({ kind: z.literal('reset'), afterBytes: afterBytes('that are sent at most') })
      .describe('The connection is reset.'),
  ],
  { error: ({ input }) => oneOf((input as { readonly kind?: unknown } | undefined)?.kind, kindNames()) },
);

export type LimitName = (typeof limitNames)[number];
export type Fault = z.output<typeof fault>;
export type FaultKind = Fault['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

const kindNames = (): readonly string[] => fault.options.map((option) => option.shape.kind.value);

/** Names of the parameters of a kind, `kind` among them; none for an unknown one. */
export const kindFields = (kind: unknown): readonly string[] =>
  Object.keys(fault.options.find((option) => option.shape.kind.value === kind)?.shape ?? {});
