// What a page of a list shows, read back from its JSON.
import type { List } from '../../services/core/list.ts';
import type { Page } from '../../services/query/page.ts';

export type Shown = Pick<List, 'items' | 'total' | 'facets'>;

export function shownOn({ json }: Page): Shown {
  return JSON.parse(Buffer.from(json).toString());
}
