import { BlockTemplate } from './block-template.js';
import { crmId, displayName, email, personNumber, personOf } from './people.js';
import type { Piece } from './pieces.js';
import { seedFrom } from './random.js';

/** Somebody of the organisation, who also stands in the forecasts. */
export interface Staff {
  readonly number: string;
  readonly crmId: string;
  readonly name: string;
  readonly email: string;
}

const STAFF = 18;

/** The same people for the same seed, each once. */
export function staff(seed: number): readonly Staff[] {
  const seeds = { file: 0, people: seedFrom('people', seed) };
  const text = (pieces: readonly Piece[]): string => {
    const template = new BlockTemplate([pieces]);
    const rendered = Buffer.alloc(template.bytes);
    template.render(rendered, 0, 0, 0, 1, seeds);
    return rendered.toString('utf8');
  };
  return Array.from({ length: 2 * STAFF }, (_, slot) => slot)
    .filter((slot) => personOf(slot) === slot)
    .slice(0, STAFF)
    .map((slot) => ({
      number: text([personNumber(slot)]),
      crmId: text(crmId(slot)),
      name: text(displayName(slot)),
      email: text(email(slot)),
    }));
}
