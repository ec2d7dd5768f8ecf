// What a view is to the projector and to readers: a name, which events concern it, a fold, and bytes.
import { ByteReader, ByteWriter } from './bytes.ts';
import { Checkpoint } from './checkpoint.ts';
import type { DeviceOf } from './device.ts';
import type { PlainEvent } from './plain-event.ts';
import type { CanonicalEvent } from './topics.ts';

export interface View<State> {
  readonly name: string;
  concerns(event: CanonicalEvent): boolean;
  empty(): State;
  /** Takes the event into the state, in place. No clock, no setting. */
  fold(state: State, event: CanonicalEvent, deviceOf: DeviceOf): void;
  /** For views of which a batch holds very many events; without it a batch holds the events as they are. */
  hold?(deviceOf: DeviceOf): Held<State>;
  /**
   * For views that nearly no plain event concerns: true when this one may, and has to be read whole. A view that says
   * neither this nor what it keeps of plain events has all events read whole.
   */
  concernsPlain?(topic: string, plain: PlainEvent): boolean;
  /** How many events the state could not place because they were older than its memory reaches. */
  late(state: State): number;
  encode(state: State): Uint8Array;
  decode(bytes: Uint8Array): State;
  /** What people look for in a console, counted at `now` (epoch ms) in UTC: always the same names, null without a value. */
  readable(state: State, now: number): Readonly<Record<string, string | number | null>>;
}

/** What a batch has to keep of the events for one view until they are folded. */
export interface Held<State> {
  /** False when the event does not concern the view; else it is kept, under the number of those kept before it. */
  keep(event: CanonicalEvent): boolean;
  /** The same for an event that was read plainly. */
  keepPlain?(topic: string, plain: PlainEvent): boolean;
  /** Takes the event of that number into the state, as the view's `fold` would. */
  fold(state: State, number: number): void;
}

/** Holds the events themselves. */
export function holdEvents<State>(view: View<State>, deviceOf: DeviceOf): Held<State> {
  const events: CanonicalEvent[] = [];
  return {
    keep: (event) => {
      const isKept = view.concerns(event);
      if (isKept) events.push(event);
      return isKept;
    },
    fold: (state, number) => {
      const event = events[number];
      if (event === undefined) throw new RangeError(`${number} of ${events.length} events`);
      view.fold(state, event, deviceOf);
    },
  };
}

/** A stored value: format number, checkpoint, the view's own bytes. */
const sealFormat = 1;

// One for all: sealing is done in one go, and a buffer for each would cost more than what is written into it.
const out = new ByteWriter();

export function seal(checkpoint: Checkpoint, encoded: Uint8Array): Uint8Array {
  out.clear();
  out.byte(sealFormat);
  checkpoint.write(out);
  out.block(encoded);
  return out.take();
}

/** Where behind its seal a view's own bytes begin. Throws a RangeError for a format this version does not read. */
export function sealEnd(bytes: Uint8Array): number {
  const source = openSeal(bytes);
  Checkpoint.skip(source);
  return source.position;
}

/** Throws a RangeError for a format this version does not read. */
export function unseal(bytes: Uint8Array): { readonly checkpoint: Checkpoint; readonly encoded: Uint8Array } {
  const source = openSeal(bytes);
  return { checkpoint: Checkpoint.read(source), encoded: source.rest() };
}

function openSeal(bytes: Uint8Array): ByteReader {
  const source = new ByteReader(bytes);
  const format = source.byte();
  if (format !== sealFormat) throw new RangeError(`stored view has format ${format}, this version reads ${sealFormat}`);
  return source;
}
