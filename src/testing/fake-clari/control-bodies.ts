import { z } from 'zod';
import { faultLines } from './faults/rule-faults.js';
import type { JobChange } from './job.js';
import { jobStates } from './job.js';

/** A body of a control request that can not be; nothing was changed. */
export class ControlBodyError extends Error {
  override readonly name = 'ControlBodyError';

  /** @param faults one line each: the field, the rule and the remedy */
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** The last moment that a `Date` can be. */
const LAST_MS = 8.64e15;

const newToken = z.strictObject({
  token: z.string().min(1).max(1000),
  userId: z.int(),
  optedIn: z.boolean().default(true),
});
const tokenChange = z.strictObject({
  add: z.array(newToken).default([]),
  revoke: z.array(z.string().min(1).max(1000)).default([]),
});

const moment = z.int().min(0).max(LAST_MS).optional();
const jobChange = z.strictObject({
  state: z.enum(jobStates).optional(),
  statusWord: z.string().min(1).max(100).optional(),
  rowsTruncated: z.boolean().optional(),
  cellsTruncated: z.boolean().optional(),
  startTime: moment,
  endTime: moment,
  expiredTime: moment,
} satisfies Record<keyof JobChange, z.ZodType>);

/** @throws ControlBodyError that lists everything that is wrong */
export function tokenChangeFrom(body: unknown): z.output<typeof tokenChange> {
  return parsed(tokenChange, body, ([list], fields) => (list === 'add' ? newToken.shape : fields));
}

/** @throws ControlBodyError that lists everything that is wrong */
export function jobChangeFrom(body: unknown): JobChange {
  const given = Object.entries(parsed(jobChange, body)).filter(([, value]) => value !== undefined);
  if (given.length > 0) return Object.fromEntries(given);
  throw new ControlBodyError([`body: changes nothing; give some of ${Object.keys(jobChange.shape).join(', ')}`]);
}

type Shape = Readonly<Record<string, z.ZodType>>;

function parsed<T extends z.ZodObject>(
  schema: T,
  body: unknown,
  shapeAt: (path: readonly PropertyKey[], top: Shape) => Shape = (_, top) => top,
): z.output<T> {
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return result.data;
  const fieldsAt = (path: readonly PropertyKey[]): readonly string[] => Object.keys(shapeAt(path, schema.shape));
  throw new ControlBodyError(result.error.issues.flatMap((issue) => faultLines('body', issue, fieldsAt)));
}
