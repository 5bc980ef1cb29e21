import type { Treatment } from './treatments.js';

const AMOUNT = 'forecast_csv_values.amount';
const TEXT = 'forecast_csv_values.data_value';

const landsAsItIs = (treatment: Treatment | undefined): boolean =>
  treatment?.kind === 'keep' || treatment?.kind === 'tag';

/** Where an amount is coarsened or dropped and the text that it is read from lands; undefined where that is not so. */
export function amountTextFault(treatments: Readonly<Record<string, Treatment>>): string | undefined {
  if (landsAsItIs(treatments[AMOUNT]) || !landsAsItIs(treatments[TEXT])) return undefined;
  return `treatments.${TEXT}: lands the exact amount, which ${AMOUNT} does not; drop it, or treat both by keep or tag`;
}
