import type { PatchSeeds } from './block-template.js';
import type { Actor, AuditSlot, EventTime } from './audit-events.js';
import { AUDIT_SLOTS, actorMembers, auditSlots, eventMembers, sessionOf } from './audit-events.js';
import type { AuditFilter } from './audit-filter.js';
import type { Cut } from './cut.js';
import type { ListName, Lists } from './export-file.js';
import { jsonList } from './json-list.js';
import type { RecordList, RecordRange } from './record-list.js';
import type { Stream, Window } from './stream.js';
import { keptRange, momentOf, streamSeeds } from './stream.js';

/** How a tenant's audit events are. */
export interface AuditOptions {
  /** Default 2000; 0 to 10 million. */
  readonly perDay: number;
  /** Default `iso`. `epoch`: `{epochSecond, nano}`. */
  readonly time: EventTime;
  /** What the list of events is called. Default `items`. */
  readonly list: 'items' | 'activities';
}

const auditStream = ({ perDay }: AuditOptions): Stream => ({ name: 'audit events', perDay, slots: AUDIT_SLOTS });

/** The events that are asked for, and how many of them there are. */
export class AuditSelection {
  readonly range: RecordRange;
  readonly #options: AuditOptions;
  readonly #seeds: PatchSeeds;
  readonly #kept: readonly AuditSlot[];

  constructor(options: AuditOptions, seed: number, filter: AuditFilter) {
    const stream = auditStream(options);
    this.#options = options;
    this.#seeds = streamSeeds(stream, seed);
    const session = filter.sessionId === null ? undefined : sessionOf(filter.sessionId, this.#seeds.file);
    this.#kept = auditSlots(seed).filter(
      ({ actor, impersonating, session: number, sessionType, event }) =>
        [null, actor.actorId].includes(filter.actorId) &&
        [null, impersonating?.actorId].includes(filter.impersonatingActorId) &&
        (filter.sessionId === null || number === session?.session) &&
        [null, sessionType].includes(filter.sessionType) &&
        [null, event].includes(filter.event),
    );
    const window = session === undefined ? filter : within(filter, blockWindow(stream, session.block));
    this.range = keptRange(
      stream,
      window,
      this.#kept.map(({ slot }) => slot),
    );
  }

  /** Events of a part of the range, and who they are of. */
  lists({ first, count }: RecordRange, cut: Cut): Lists {
    const { time, list } = this.#options;
    const block = this.#kept.map((slot) => eventMembers(slot, time, cut.cells && slot.slot % 3 === 2));
    const actors = this.#actorsOf({ first, count }).map(actorMembers);
    return new Map<ListName, RecordList>([
      [list, jsonList(block, { first, count }, this.#seeds)],
      ['actors', jsonList(actors, { first: 0, count: actors.length }, this.#seeds)],
    ]);
  }

  #actorsOf({ first, count }: RecordRange): readonly Actor[] {
    const slots = Array.from(
      { length: Math.min(count, this.#kept.length) },
      (_, index) => this.#kept[(first + index) % this.#kept.length],
    );
    const all = slots.flatMap((slot) => (slot === undefined ? [] : [slot.actor, slot.impersonating ?? slot.actor]));
    return [...new Map(all.map((actor) => [actor.actorId, actor])).values()];
  }
}

const blockWindow = (stream: Stream, block: number): Window => ({
  from: momentOf(stream, block * stream.slots),
  to: momentOf(stream, (block + 1) * stream.slots),
});

const within = (one: Window, other: Window): Window => ({
  from: Math.max(one.from, other.from),
  to: Math.min(one.to, other.to),
});
