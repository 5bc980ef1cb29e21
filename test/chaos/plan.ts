import type { CrashPoint } from '../../src/crash/crash-point.js';
import { crashPoints } from '../../src/crash/crash-point.js';
import type { FaultRule } from '../../src/testing/fake-clari/index.js';
import type { Line } from '../support/tcp-proxy.js';
import { Draw } from './draw.js';
import { drawRule } from './draw-rule.js';
import { drawExport, type ExportHappening } from './draw-export.js';
import { drawScene, type Scene } from './scene.js';

export const workers = [0, 1] as const;
export type WorkerNumber = (typeof workers)[number];

/** `temporal-0`: between worker 0 and Temporal. `api`, `links`: between both workers and Clari. */
export const lineNames = ['temporal-0', 'temporal-1', 'api', 'links'] as const;
export type LineName = (typeof lineNames)[number];

/** Something that is done to the bench; times in milliseconds. */
export type Happening =
  | ExportHappening
  /** Lands the job of a finished export again: the `pick`th of those there are by then, counted round and round. */
  | { readonly what: 'reland'; readonly name: string; readonly pick: number }
  /** SIGKILL; its successor comes after `downMs` and dies at `crashAt`. */
  | {
      readonly what: 'kill';
      readonly worker: WorkerNumber;
      readonly downMs: number;
      readonly crashAt: CrashPoint | null;
    }
  | { readonly what: 'term'; readonly worker: WorkerNumber; readonly downMs: number }
  /** SIGSTOP, then SIGCONT. */
  | { readonly what: 'pause'; readonly worker: WorkerNumber; readonly forMs: number }
  | { readonly what: 'line'; readonly line: LineName; readonly is: Exclude<Line, 'open'>; readonly forMs: number }
  /** Temporal's server is away. */
  | { readonly what: 'server'; readonly forMs: number }
  /** Somebody else has the destination open. */
  | { readonly what: 'hold'; readonly forMs: number }
  /** A new token; the old one goes after `overlapMs`. */
  | { readonly what: 'rotate'; readonly overlapMs: number }
  | { readonly what: 'rule'; readonly rule: FaultRule };

export type Planned = Happening & { /** Milliseconds from the start. */ readonly at: number };

export interface Plan {
  readonly seed: number;
  readonly minutes: number;
  readonly scene: Scene;
  /** In the order of time. */
  readonly happenings: readonly Planned[];
}

/** An attempt counts as dead after ten seconds of silence (child-worker.ts): some pauses are longer. */
const LONG_PAUSE_MS = 11_000;
const LONGEST_PAUSE_MS = 14_000;
const SHORT_PAUSE_MS = 4_000;

/** How far apart the happenings of a sort are, in milliseconds, and what the next one is. */
interface Sort {
  readonly apart: readonly [number, number];
  readonly draw: (draw: Draw, scene: Scene, number: number) => Happening;
}

const sorts: readonly Sort[] = [
  { apart: [2_500, 8_000], draw: (draw, scene, number) => drawExport(draw, scene, `export-${number}`) },
  {
    apart: [15_000, 40_000],
    draw: (draw, _scene, n) => ({ what: 'reland', name: `reland-${n}`, pick: draw.between(0, 99) }),
  },
  { apart: [6_000, 16_000], draw: drawBlow },
  { apart: [8_000, 20_000], draw: drawLine },
  { apart: [1_500, 5_000], draw: (draw, scene) => ({ what: 'rule', rule: drawRule(draw, scene) }) },
  { apart: [30_000, 70_000], draw: (draw) => ({ what: 'server', forMs: draw.between(500, 9_000) }) },
  { apart: [15_000, 45_000], draw: (draw) => ({ what: 'hold', forMs: draw.between(1_000, 7_000) }) },
  { apart: [25_000, 60_000], draw: (draw) => ({ what: 'rotate', overlapMs: draw.between(0, 3_000) }) },
];

function drawBlow(draw: Draw): Happening {
  const worker = draw.oneOf(workers);
  switch (draw.oneOf(['kill', 'kill', 'kill', 'pause', 'pause', 'term'])) {
    case 'kill': {
      const crashAt = draw.chance(0.75) ? draw.oneOf(crashPoints) : null;
      return { what: 'kill', worker, downMs: draw.between(0, 3_000), crashAt };
    }
    case 'pause':
      return {
        what: 'pause',
        worker,
        forMs: draw.chance(0.4) ? draw.between(LONG_PAUSE_MS, LONGEST_PAUSE_MS) : draw.between(500, SHORT_PAUSE_MS),
      };
    case 'term':
      return { what: 'term', worker, downMs: draw.between(0, 2_000) };
  }
}

function drawLine(draw: Draw): Happening {
  const is = draw.oneOf(['cut', 'cut', 'silent', 'slow']);
  // What a silent line holds back arrives when it speaks again; a POST may not come later than it is looked for (site.ts).
  return { what: 'line', line: draw.oneOf(lineNames), is, forMs: draw.between(500, is === 'silent' ? 5_000 : 8_000) };
}

/** All that will happen, from one seed. @throws RangeError */
export function makePlan(seed: number, minutes: number): Plan {
  if (!Number.isSafeInteger(seed) || seed < 0 || seed >= 2 ** 31)
    throw new RangeError(`--seed: must be a whole number from 0 to ${2 ** 31 - 1}`);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new RangeError('--minutes: must be a number above 0, up to 1440');
  const draw = new Draw(seed);
  const scene = drawScene(draw);
  const end = minutes * 60_000;
  const happenings = sorts.flatMap(({ apart, draw: next }) => {
    const drawn: Planned[] = [];
    // However short the plan, something of each sort is in it.
    let at = draw.between(0, Math.min(apart[1], Math.floor(end * 0.6)));
    for (let number = 1; at < end; number += 1) {
      drawn.push({ at, ...next(draw, scene, number) });
      at += draw.between(...apart);
    }
    return drawn;
  });
  return { seed, minutes, scene, happenings: happenings.sort((one, other) => one.at - other.at) };
}
