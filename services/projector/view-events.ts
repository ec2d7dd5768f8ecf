// The events of a batch that concern one view: what the view has to know of each, where it stood in the log, and for each
// client a chain through them. All of it is columns: a batch holds up to a million, and objects of that number, which all
// live as long as the batch, would keep the garbage collector busier than the folding.
import { SmallColumn, WideColumn } from '../core/columns.ts';
import type { DeviceOf } from '../core/device.ts';
import type { CanonicalEvent } from '../core/topics.ts';
import { type Held, holdEvents, type View } from '../core/view.ts';

/** Ends a chain. */
export const none = -1;

export class ViewEvents {
  /** False when it keeps events as they are, which takes as much memory as their messages do. */
  readonly keepsNumbers: boolean;
  private readonly held: Held<unknown>;
  /** By event; where it stood: the number of its place in the batch, and its offset there. */
  private readonly places = new SmallColumn();
  private readonly offsets = new WideColumn();
  /** By event; 0 ends the chain, so links count from 1. */
  private readonly nexts = new SmallColumn();
  /** By client. */
  private readonly firsts = new SmallColumn();
  private readonly lasts = new SmallColumn();
  private length = 0;

  constructor(view: View<unknown>, deviceOf: DeviceOf) {
    this.keepsNumbers = view.hold !== undefined;
    this.held = view.hold?.(deviceOf) ?? holdEvents(view, deviceOf);
  }

  /** False when the event does not concern the view. Clients are counted from 0. */
  keep(event: CanonicalEvent): boolean {
    return this.held.keep(event);
  }

  /** Appends the event just kept to its client's chain. */
  link(client: number, place: number, offset: number): void {
    const event = this.length;
    this.length += 1;
    this.places.set(event, place);
    this.offsets.set(event, offset);
    const last = this.lasts.get(client);
    if (last === 0) this.firsts.set(client, event + 1);
    else this.nexts.set(last - 1, event + 1);
    this.lasts.set(client, event + 1);
  }

  first(client: number): number {
    return this.firsts.get(client) - 1;
  }

  next(event: number): number {
    return this.nexts.get(event) - 1;
  }

  placeOf(event: number): number {
    return this.places.get(event);
  }

  offsetOf(event: number): number {
    return this.offsets.get(event);
  }

  fold(state: unknown, event: number): void {
    this.held.fold(state, event);
  }
}
