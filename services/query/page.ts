// A page of a list as it goes out: items read and derived, then written as JSON. Whichever thread found the page does it, so
// that the thread that answers HTTP hands on bytes.
import type { Frame } from '../core/derive/frame.ts';
import type { ClientId } from '../core/ids.ts';
import type { List } from '../core/list.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { readTiles } from './tiles.ts';

export type Found = Pick<List, 'total' | 'facets'> & { readonly clientIds: readonly ClientId[] };

export type Page = {
  /** How many it shows. */
  readonly clients: number;
  /** A JSON object in UTF-8: items, total and facets of a list. */
  readonly json: Uint8Array<ArrayBuffer>;
};

const utf8 = new TextEncoder();

/**
 * A client that changed since it was found keeps its place and shows what is known; one that was erased, or that left the
 * book (null: any), is left out.
 */
export async function readPage(
  store: ViewStore,
  firm: Pick<FirmRecord, 'firmId' | 'dataSince'>,
  book: string | null,
  { clientIds, total, facets }: Found,
  frame: Frame,
): Promise<Page> {
  const items = (await readTiles(store, firm, book, clientIds, frame)).filter((tile) => tile !== null);
  return writePage(items, total, facets);
}

export function writePage(items: List['items'], total: number, facets: List['facets']): Page {
  return { clients: items.length, json: utf8.encode(JSON.stringify({ items, total, facets })) };
}

/** The whole list, as JSON in UTF-8. */
export function finishPage({ json }: Page, rest: Omit<List, 'items' | 'total' | 'facets'>): Buffer {
  const end = Buffer.from(JSON.stringify(rest));
  // Two objects become one.
  end.write(',');
  return Buffer.concat([json.subarray(0, -1), end]);
}
