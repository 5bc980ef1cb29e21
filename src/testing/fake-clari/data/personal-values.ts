/** Something in a file that tells of a person, or may. */
export interface PersonalValue {
  readonly kind: 'name' | 'email' | 'subject' | 'account' | 'opportunity' | 'ip' | 'session' | 'text';
  readonly value: string;
}

type Kind = PersonalValue['kind'];

/** Members of records, at any depth, that hold personal values. */
const MEMBERS: Readonly<Record<string, Kind>> = {
  // Rows of the long form.
  User: 'name',
  Email: 'email',
  // Users, participants, actors.
  name: 'name',
  email: 'email',
  subject: 'subject',
  accountName: 'account',
  opportunityName: 'opportunity',
  ipAddress: 'ip',
  sessionId: 'session',
  // In the parameters of audit events.
  submittedFor: 'name',
  recipients: 'email',
  with: 'email',
  note: 'text',
};

/** Personal values of a record; empty ones are none. */
export function* personalValuesOf(record: object): Generator<PersonalValue, void, undefined> {
  for (const [key, value] of Object.entries(record) as [string, unknown][]) yield* valuesIn(MEMBERS[key], value);
}

function* valuesIn(kind: Kind | undefined, value: unknown): Generator<PersonalValue, void, undefined> {
  if (typeof value === 'string') {
    if (kind !== undefined && value !== '') yield { kind, value };
  } else if (Array.isArray(value)) {
    for (const item of value) yield* valuesIn(kind, item);
  } else if (typeof value === 'object' && value !== null) {
    yield* personalValuesOf(value);
  }
}
