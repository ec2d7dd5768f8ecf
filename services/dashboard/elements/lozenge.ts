// <client-lozenge firm client>: a client's engagement rating as a word, a shape and a colour.
import type { Tile } from '../../query/wire.ts';
import { TileElement } from './element.ts';
import { lozengeStyle } from './look.ts';
import { shapeOf } from './shapes.ts';
import { instantText } from './text.ts';
import type { TileState } from './tiles.ts';

export class ClientLozenge extends TileElement {
  readonly #root = this.attachShadow({ mode: 'open' });

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [lozengeStyle];
    this.show({ kind: 'loading' });
  }

  protected show(state: TileState): void {
    this.#root.replaceChildren(lozengeOf(state));
  }
}

/** How a lozenge looks, and what it is called by whoever does not see it. */
type Looks = { readonly kind: string; readonly label: string; readonly title: string };

export function lozengeOf(state: TileState): HTMLElement {
  const { kind, label, title } = looksOf(state);
  const lozenge = document.createElement('span');
  lozenge.setAttribute('part', `lozenge ${kind}`);
  lozenge.setAttribute('role', 'img');
  lozenge.setAttribute('aria-label', `Engagement: ${label === '' ? 'loading' : label}`);
  lozenge.title = title;
  const text = document.createElement('span');
  text.setAttribute('part', 'label');
  text.textContent = label;
  lozenge.append(shapeOf(kind), text);
  return lozenge;
}

function looksOf(state: TileState): Looks {
  switch (state.kind) {
    case 'loading':
      return { kind: 'loading', label: '', title: '' };
    case 'unknown':
      return { kind: 'unknown', label: 'Unknown', title: 'This client is not known here, or is not shown to you.' };
    case 'failed':
      return { kind: 'failed', label: 'No answer', title: state.why };
    case 'tile': {
      const { rating, label } = state.tile.engagement;
      if (state.stale === null) return { kind: rating, label, title: whyOf(state.tile) };
      return { kind: `${rating} stale`, label, title: `As of ${instantText(state.tile.evaluatedAt)}. ${state.stale}` };
    }
  }
}

function whyOf({ engagement: { label, decidedBy } }: Tile): string {
  return decidedBy === null ? label : `${label}: last ${decidedBy.signal} ${instantText(decidedBy.at)}`;
}
