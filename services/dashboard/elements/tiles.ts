// The tiles of one firm for all elements of the page: what is wanted is gathered for a moment and asked for at once, what is
// there is shared, and with somebody who wants it live, what changes is asked for again.
import type { Tile, Tiles } from '../../query/wire.ts';
import { CallProblem, type Calls } from './calls.ts';
import { followChanges, sleep } from './live.ts';

export type TileState =
  | { readonly kind: 'loading' }
  /** `stale`: why it could not be asked for again; null: it is as fresh as can be. */
  | { readonly kind: 'tile'; readonly tile: Tile; readonly stale: string | null }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly why: string };

export type Viewer = { readonly show: (state: TileState) => void; readonly live: boolean };

type Entry = {
  state: TileState;
  /** When it was last asked for, and by which request; an answer to an earlier one is passed over. */
  askedAt: number;
  turn: number;
  readonly viewers: Set<Viewer>;
};

const idsMax = 200;
const gatherMs = 10;
/** While a page is being read, more elements are to come. */
const parsingMsMax = 250;
/** What was read before the changes are followed is read again; so a live page rather waits for that a little. */
const followMsMax = 1_000;
/** A tile that was there a moment ago does for another element too. */
const sharedMs = 30_000;
const againMsMax = 60_000;
/** How often it is looked whether a tile has grown old, and how old it may become: "14 hours ago" is not for ever. */
const lookMs = 30_000;
const oldMs = 15 * 60_000;

export class FirmTiles {
  readonly #calls: Calls;
  readonly #entries = new Map<string, Entry>();
  #wanted = new Set<string>();
  #gathering = false;
  #failures = 0;
  #turns = 0;
  #following: { readonly isOpen: Promise<unknown>; readonly stop: () => void } | null = null;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Shows what there is at once, and whatever comes; answers how to leave. */
  view(clientId: string, viewer: Viewer): () => void {
    const known = this.#entries.get(clientId);
    const entry = known ?? { state: { kind: 'loading' }, askedAt: 0, turn: 0, viewers: new Set() };
    this.#entries.set(clientId, entry);
    entry.viewers.add(viewer);
    viewer.show(entry.state);
    if (viewer.live) this.#follow();
    if (Date.now() - entry.askedAt > sharedMs || entry.state.kind === 'failed') this.#want([clientId]);
    return () => {
      entry.viewers.delete(viewer);
      if (viewer.live && !this.#isLive()) this.#unfollow();
    };
  }

  /** Asks again for what could not be had. */
  retry(): void {
    this.#want([...this.#entries].filter(([, { state }]) => state.kind === 'failed').map(([clientId]) => clientId));
  }

  #want(clientIds: readonly string[]): void {
    for (const clientId of clientIds) {
      const entry = this.#entries.get(clientId);
      if (entry === undefined || entry.viewers.size === 0) continue;
      entry.askedAt = Date.now();
      this.#wanted.add(clientId);
    }
    if (this.#gathering || this.#wanted.size === 0) return;
    this.#gathering = true;
    void this.#gather();
  }

  async #gather(): Promise<void> {
    await sleep(gatherMs);
    if (document.readyState === 'loading') await Promise.race([parsed(), sleep(parsingMsMax)]);
    if (this.#following !== null) await Promise.race([this.#following.isOpen, sleep(followMsMax)]);
    this.#gathering = false;
    const clientIds = [...this.#wanted];
    this.#wanted = new Set();
    for (let from = 0; from < clientIds.length; from += idsMax) void this.#ask(clientIds.slice(from, from + idsMax));
    this.#forget();
  }

  async #ask(ids: readonly string[]): Promise<void> {
    this.#turns += 1;
    const turn = this.#turns;
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) entry.turn = turn;
    }
    try {
      const reply = await this.#calls.send('/clients/batch', { body: { ids } });
      const { items, missing }: Tiles = await reply.json();
      this.#failures = 0;
      for (const tile of items) this.#set(tile.clientId, turn, { kind: 'tile', tile, stale: null });
      for (const id of missing) this.#set(id, turn, { kind: 'unknown' });
    } catch (error) {
      const { message: why, againMs } =
        error instanceof CallProblem ? error : new CallProblem('The answer of the service cannot be read.', null);
      for (const id of ids) {
        const state = this.#entries.get(id)?.state;
        this.#set(id, turn, state?.kind === 'tile' ? { ...state, stale: why } : { kind: 'failed', why });
      }
      if (againMs === null) return;
      const waitMs = Math.min(againMs * 2 ** this.#failures, againMsMax);
      this.#failures += 1;
      await sleep(waitMs);
      this.#want(ids);
    }
  }

  #set(clientId: string, turn: number, state: TileState): void {
    const entry = this.#entries.get(clientId);
    if (entry === undefined || entry.turn !== turn) return;
    entry.state = state;
    for (const viewer of entry.viewers) viewer.show(state);
  }

  #forget(): void {
    for (const [clientId, { viewers, askedAt }] of this.#entries) {
      if (viewers.size === 0 && Date.now() - askedAt > sharedMs) this.#entries.delete(clientId);
    }
  }

  #isLive(): boolean {
    return [...this.#entries.values()].some(({ viewers }) => [...viewers].some(({ live }) => live));
  }

  #follow(): void {
    if (this.#following !== null) return;
    const looking = window.setInterval(() => this.#want(this.#old()), lookMs);
    let tellOpen = () => {};
    const isOpen = new Promise<void>((resolve) => {
      tellOpen = resolve;
    });
    const leave = followChanges(this.#calls, {
      opened: () => {
        tellOpen();
        // Whoever did not wait for it read before.
        this.#want(this.#asked());
      },
      changed: (clientIds) => this.#want(clientIds),
      missed: () => this.#want(this.#asked()),
    });
    const stop = () => {
      window.clearInterval(looking);
      leave();
    };
    this.#following = { isOpen, stop };
  }

  #unfollow(): void {
    this.#following?.stop();
    this.#following = null;
  }

  #asked(): readonly string[] {
    return [...this.#entries].filter(([, { turn }]) => turn > 0).map(([clientId]) => clientId);
  }

  /** Those whose rating changes by itself about now, as the API has told, and those that were read long ago. */
  #old(): readonly string[] {
    if (document.hidden) return [];
    const now = Date.now();
    return [...this.#entries].flatMap(([clientId, { state, askedAt }]) => {
      if (state.kind !== 'tile') return [];
      const { becomesAmberAt, becomesRedAt } = state.tile.engagement;
      const changes = [becomesAmberAt, becomesRedAt].map((instant) => Date.parse(instant ?? ''));
      return now - askedAt > oldMs || changes.some((at) => askedAt < at && at <= now) ? [clientId] : [];
    });
  }
}

function parsed(): Promise<void> {
  return new Promise((resolve) => document.addEventListener('DOMContentLoaded', () => resolve(), { once: true }));
}
