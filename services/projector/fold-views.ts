// Folds the events of one client into one of its views, from stored bytes to bytes to store.
import { Checkpoint } from '../core/checkpoint.ts';
import type { ClientKey } from '../core/ids.ts';
import { seal, unseal, type View } from '../core/view.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { StoredView, ViewWrite } from '../store/port.ts';
import type { Place } from './batch.ts';
import { none, type ViewEvents } from './view-events.ts';

/** The events of one client that concern one view: a chain, in the order in which they came. */
export type Work = {
  readonly client: ClientKey;
  readonly view: View<unknown>;
  readonly events: ViewEvents;
  /** Where the chain begins. */
  readonly first: number;
};

export type Folded = {
  /** Null when the view's own bytes stay as they are. */
  readonly write: ViewWrite | null;
  /** How many events were folded, by the place they came from. */
  readonly fresh: PlaceCounts;
  /** The same for events that the view's checkpoint covered already. */
  readonly repeated: PlaceCounts;
  /** How many the view could not place, being older than its memory. */
  readonly late: number;
};

/** Counts by the number of a place. The events of one client come from few. */
export class PlaceCounts {
  readonly places: number[] = [];
  readonly counts: number[] = [];
  total = 0;

  add(place: number): void {
    this.total += 1;
    const known = this.places.indexOf(place);
    if (known >= 0) {
      this.counts[known] = (this.counts[known] ?? 0) + 1;
    } else {
      this.places.push(place);
      this.counts.push(1);
    }
  }
}

/**
 * Folds what the checkpoint does not cover. Events that change nothing (a repeat under another position, say) need no
 * write, though the checkpoint then stays behind: folding them again would change nothing either.
 * Throws format_unknown for stored bytes this version cannot read, and a plain Error when the fold itself broke.
 */
export function foldView(work: Work, stored: StoredView | null, places: readonly Place[], now: number): Folded {
  const { client, view, events } = work;
  const opened = open(work, stored);
  const { state, checkpoint } = opened;
  const lateBefore = view.late(state);
  const fresh = new PlaceCounts();
  const repeated = new PlaceCounts();
  for (let event = work.first; event !== none; event = events.next(event)) {
    const number = events.placeOf(event);
    const place = places[number];
    if (place === undefined) throw new RangeError(`the batch has ${places.length} places, not ${number}`);
    const offset = events.offsetOf(event);
    if (checkpoint.covers(place.source, place.partition, offset)) {
      repeated.add(number);
      continue;
    }
    try {
      events.fold(state, event);
    } catch (cause) {
      const position = `${place.topic}, partition ${place.partition}, offset ${offset}`;
      throw new Error(`the ${view.name} view broke on the event at ${position}`, { cause });
    }
    checkpoint.advance(place.source, place.partition, offset);
    fresh.add(number);
  }
  if (fresh.total === 0) return { write: null, fresh, repeated, late: 0 };

  const late = view.late(state) - lateBefore;
  const encoded = view.encode(state);
  if (isEqual(encoded, opened.encoded)) return { write: null, fresh, repeated, late };
  const write: ViewWrite = {
    ...client,
    view: view.name,
    expected: stored?.version ?? 0,
    bytes: seal(checkpoint, encoded),
    // Counted when the store asks for it, which the embedded one never does.
    get readable() {
      return view.readable(state, now);
    },
  };
  return { write, fresh, repeated, late };
}

function open({ view }: Work, stored: StoredView | null) {
  if (stored === null) {
    const state = view.empty();
    return { state, checkpoint: new Checkpoint(), encoded: view.encode(state) };
  }
  try {
    const { checkpoint, encoded } = unseal(stored.bytes);
    return { state: view.decode(encoded), checkpoint, encoded };
  } catch (cause) {
    const message = `A stored ${view.name} view cannot be read. Run the version that wrote it, or rebuild the views.`;
    throw new OperatingError('format_unknown', message, { cause });
  }
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
