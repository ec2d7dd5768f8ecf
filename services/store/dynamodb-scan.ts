// A firm as a stream: its ranges are read side by side, a page ahead each, and merged by client id. Memory is bounded by
// two pages a range, whatever the firm's size.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { type ClientId, compareIds, type FirmId } from '../core/ids.ts';
import type { Connection, Item } from './dynamodb-connection.ts';
import { brandedClientOf, clientOf, parseView, viewProjection } from './dynamodb-item.ts';
import { firmRanges, rangeKey } from './keys.ts';
import { type ClientViews, chunkClientsMax, type StoredView, type ViewName } from './port.ts';

type Clients = readonly ClientViews[];
type Range = { readonly pages: AsyncGenerator<Clients>; clients: Clients; next: number };

export async function* scanFirm(
  connection: Connection,
  firmId: FirmId,
  views: ReadonlySet<ViewName>,
  pageItemsMax: number,
): AsyncGenerator<Clients> {
  const ranges = Array.from({ length: firmRanges }, (_, index): Range => {
    const pages = readRange(connection, rangeKey(firmId, index), views, pageItemsMax);
    return { pages, clients: [], next: 0 };
  });
  try {
    await Promise.all(ranges.map(turnPage));
    let merged: ClientViews[] = [];
    for (;;) {
      let first: Range | undefined;
      let lowest: ClientViews | undefined;
      for (const range of ranges) {
        const head = range.clients[range.next];
        if (head === undefined || (lowest !== undefined && compareIds(head.clientId, lowest.clientId) > 0)) continue;
        first = range;
        lowest = head;
      }
      if (first === undefined || lowest === undefined) break;
      merged.push(lowest);
      first.next += 1;
      if (merged.length === chunkClientsMax) {
        yield merged;
        merged = [];
        await nextTurn();
      }
      if (first.next === first.clients.length) await turnPage(first);
    }
    if (merged.length > 0) yield merged;
  } finally {
    await Promise.all(ranges.map((range) => range.pages.return(undefined)));
  }
}

async function turnPage(range: Range): Promise<void> {
  const page = await range.pages.next();
  range.clients = page.done === true ? [] : page.value;
  range.next = 0;
}

/** The clients of one range in id order, in non-empty pages that never cut a client in two. */
async function* readRange(
  connection: Connection,
  range: string,
  views: ReadonlySet<ViewName>,
  pageItemsMax: number,
): AsyncGenerator<Clients> {
  let page = readPage(connection, range, undefined, pageItemsMax);
  let client: { readonly id: string; readonly clientId: ClientId; readonly views: StoredView[] } | undefined;
  for (;;) {
    const { Items: items, LastEvaluatedKey: last } = await page;
    if (last !== undefined) {
      page = readPage(connection, range, last, pageItemsMax);
      // Should nobody come back for it, its failure is of no interest; awaiting it above still throws.
      page.catch(() => undefined);
    }
    const complete: ClientViews[] = [];
    for (const item of items ?? []) {
      const view = parseView(item);
      if (!views.has(view.view)) continue;
      const id = clientOf(item);
      if (client === undefined || client.id !== id) {
        if (client !== undefined) complete.push({ clientId: client.clientId, views: client.views });
        client = { id, clientId: brandedClientOf(item), views: [] };
      }
      client.views.push(view);
    }
    if (last === undefined && client !== undefined) complete.push({ clientId: client.clientId, views: client.views });
    if (complete.length > 0) yield complete;
    if (last === undefined) return;
  }
}

function readPage(connection: Connection, range: string, after: Item | undefined, itemsMax: number) {
  return connection.run('Query', (client) =>
    client.send(
      new QueryCommand({
        TableName: connection.table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: range } },
        ProjectionExpression: viewProjection,
        ConsistentRead: true,
        Limit: itemsMax,
        ExclusiveStartKey: after,
      }),
    ),
  );
}
