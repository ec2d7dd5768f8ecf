// The events of a batch that concern one view: what the view has to know of each, where it stood in the log, and for each
// client a chain through them. All of it is rows of numbers: a batch holds up to a million, and objects of that number,
// which all live as long as the batch, would keep the garbage collector busier than the folding.
import type { DeviceOf } from '../core/device.ts';
import type { PlainEvent } from '../core/plain-event.ts';
import { Rows } from '../core/rows.ts';
import type { CanonicalEvent } from '../core/topics.ts';
import { type Held, holdEvents, type View } from '../core/view.ts';

/** Ends a chain. */
export const none = -1;

/** Where an event stood (the number of its place in the batch, and its offset there), and what follows it. */
const eventColumns = { place: 0, offset: 1, next: 2 } as const;
const clientColumns = { first: 0, last: 1 } as const;

export class ViewEvents {
  /** False when it keeps events as they are, which takes as much memory as their messages do. */
  readonly keepsNumbers: boolean;
  /** False when all events must be read whole for it. */
  readonly readsPlainly: boolean;
  private readonly view: View<unknown>;
  private readonly held: Held<unknown>;
  // A row that was never set is full of zeros, so links count from 1: 0 is no event.
  private readonly events = new Rows(3);
  private readonly clients = new Rows(2);
  private length = 0;

  constructor(view: View<unknown>, deviceOf: DeviceOf) {
    this.keepsNumbers = view.hold !== undefined;
    this.view = view;
    this.held = view.hold?.(deviceOf) ?? holdEvents(view, deviceOf);
    this.readsPlainly = this.held.keepPlain !== undefined || view.concernsPlain !== undefined;
  }

  /** False when the event does not concern the view. What is kept has to be linked next. */
  keep(event: CanonicalEvent): boolean {
    return this.held.keep(event);
  }

  /** True when a plain event has to be read whole for it. */
  needsWhole(topic: string, plain: PlainEvent): boolean {
    return this.view.concernsPlain?.(topic, plain) ?? false;
  }

  /** As `keep`, for an event that was read plainly. */
  keepPlain(topic: string, plain: PlainEvent): boolean {
    return this.held.keepPlain?.(topic, plain) ?? false;
  }

  /** Appends the event just kept to its client's chain. Clients are counted from 0. */
  link(client: number, place: number, offset: number): void {
    const event = this.length;
    this.length += 1;
    this.events.set(event, eventColumns.place, place);
    this.events.set(event, eventColumns.offset, offset);
    const last = this.clients.get(client, clientColumns.last) - 1;
    if (last === none) this.clients.set(client, clientColumns.first, event + 1);
    else this.events.set(last, eventColumns.next, event + 1);
    this.clients.set(client, clientColumns.last, event + 1);
  }

  first(client: number): number {
    return this.clients.get(client, clientColumns.first) - 1;
  }

  next(event: number): number {
    return this.events.get(event, eventColumns.next) - 1;
  }

  placeOf(event: number): number {
    return this.events.get(event, eventColumns.place);
  }

  offsetOf(event: number): number {
    return this.events.get(event, eventColumns.offset);
  }

  fold(state: unknown, event: number): void {
    this.held.fold(state, event);
  }
}
