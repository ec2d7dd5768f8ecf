// <client-portal-card firm client>: whether a client has portal access and, if so, how it is used. Without access it says so and
// shows nothing further.
import type { Tile } from '../../query/wire.ts';
import { TileElement } from './element.ts';
import { cardStyle, lozengeStyle } from './look.ts';
import { lozengeOf } from './lozenge.ts';
import { dayText, instantText } from './text.ts';
import type { TileState } from './tiles.ts';

export class ClientPortalCard extends TileElement {
  readonly #root = this.attachShadow({ mode: 'open' });

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [lozengeStyle, cardStyle];
    this.show({ kind: 'loading' });
  }

  protected show(state: TileState): void {
    const card = element('div', `card ${state.kind}`);
    card.setAttribute('role', 'group');
    card.setAttribute('aria-label', 'Portal engagement');
    card.setAttribute('aria-busy', String(state.kind === 'loading'));
    card.append(...contentOf(state));
    this.#root.replaceChildren(card);
  }
}

function contentOf(state: TileState): readonly Node[] {
  switch (state.kind) {
    case 'unknown':
      return [element('p', 'note', 'This client is not known here, or is not shown to you.')];
    case 'failed':
      return [element('p', 'note', `No answer. ${state.why}`)];
    case 'loading':
      return factsOf(null, state);
    case 'tile': {
      const { tile, stale } = state;
      const notes = stale === null ? [] : [element('p', 'note', `As of ${instantText(tile.evaluatedAt)}. ${stale}`)];
      return [...factsOf(tile, state), ...notes];
    }
  }
}

/** Of a tile that has not come yet the rows are there, empty, so that nothing moves when it comes. */
function factsOf(tile: Tile | null, state: TileState): readonly Node[] {
  const rows = element('dl', 'rows');
  const row = (name: string, part: string, value: Node | string) => {
    const pair = element('div', `row ${part}`);
    const shown = element('dd', 'value');
    shown.append(tile === null ? element('span', 'waiting') : value);
    pair.append(element('dt', 'name', name), shown);
    return pair;
  };
  const hasAccess = tile?.portalAccess.has ?? true;
  rows.append(row('Portal access', `access ${hasAccess ? 'yes' : 'no'}`, hasAccess ? 'Yes' : 'No'));
  if (!hasAccess) return [rows];
  rows.append(
    row('Status', 'status', tile === null ? '' : words(tile.portalAccess.status)),
    row('Engagement', 'engagement', lozengeOf(state)),
    row('Last login', 'last-login', tile?.lastLogin ? loginOf(tile.lastLogin) : 'Never'),
    row('Device / platform', 'device', deviceOf(tile?.lastLogin ?? null)),
  );
  const counts = element('dl', 'counts');
  for (const [days, count] of [
    [30, tile?.logins.d30],
    [90, tile?.logins.d90],
    [365, tile?.logins.d365],
  ] as const) {
    const pair = row('', `count`, count?.toLocaleString() ?? '');
    pair.querySelector('dt')?.append(element('span', 'unseen', 'Logins in the last '), `${days} days`);
    counts.append(pair);
  }
  return [rows, element('p', 'heading', 'Logins in the last'), counts, ...sinceOf(tile)];
}

function loginOf({ relative, at }: NonNullable<Tile['lastLogin']>): Node {
  const time = document.createElement('time');
  time.dateTime = at;
  time.append(element('span', 'relative', relative), element('span', 'instant', instantText(at)));
  return time;
}

function deviceOf(login: Tile['lastLogin']): string {
  const known = [login?.device, login?.platform].filter((word) => word);
  return known.length === 0 ? '–' : known.join(' / ');
}

/** Said where a year's count cannot be of a year. */
function sinceOf(tile: Tile | null): readonly Node[] {
  if (!tile?.coverage.partial365 || tile.coverage.since === null) return [];
  return [element('p', 'note', `Counted since ${dayText(tile.coverage.since)}.`)];
}

/** `never_logged_in` → Never logged in. */
function words(code: string): string {
  const text = code.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function element(tag: string, part: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.setAttribute('part', part);
  made.textContent = text;
  return made;
}
