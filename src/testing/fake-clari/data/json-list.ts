import type { PatchSeeds } from './block-template.js';
import { BlockTemplate } from './block-template.js';
import type { Member, Piece } from './pieces.js';
import { layout, object } from './pieces.js';
import type { RecordRange } from './record-list.js';
import { RecordList } from './record-list.js';

/** JSON objects that repeat with `block`, as they stand in a list of a file. */
export function jsonList(
  block: Iterable<readonly Member[]>,
  range: RecordRange,
  seeds: PatchSeeds,
  pretty = false,
): RecordList {
  const separator = pretty ? ',\n    ' : ',';
  const lines = function* (): Generator<Piece[]> {
    for (const members of block) {
      const pieces: Piece[] = [];
      layout(pieces, object(members), pretty, 2);
      yield pieces;
    }
  };
  return lineList(lines(), range, separator, seeds);
}

/** Records that repeat with `block`, with `separator` between them; appends it to each of the block's lists of pieces. */
export function lineList(
  block: Iterable<Piece[]>,
  range: RecordRange,
  separator: string,
  seeds: PatchSeeds,
): RecordList {
  const slots = function* (): Generator<readonly Piece[]> {
    let made = 0;
    for (const pieces of block) {
      // A small file needs no whole block.
      if (made === range.first + range.count) return;
      made += 1;
      pieces.push(separator);
      yield pieces;
    }
  };
  return new RecordList(new BlockTemplate(slots()), range, separator, seeds);
}
