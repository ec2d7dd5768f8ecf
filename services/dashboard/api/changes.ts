// Which clients of a firm change, as it happens: one stream for all who listen, read by fetch, because EventSource cannot
// send a token.
import type { Change } from '../../query/wire.ts';
import { path, send } from './ask.ts';
import { eventsOf, type StreamEvent } from './event-stream.ts';

export type ChangesListener = {
  /** Ids that changed, several at once. */
  readonly changed: (clientIds: ReadonlySet<string>) => void;
  /** Something was missed: what is shown has to be loaded anew. */
  readonly missed: () => void;
};

type Feed = { readonly listeners: Set<ChangesListener>; readonly over: AbortController };

const comeAgainMsMin = 1_000;
const comeAgainMsMax = 30_000;

const feeds = new Map<string, Feed>();

/** Follows a firm's changes until the answer is called. */
export function followChanges(firmId: string, listener: ChangesListener): () => void {
  const feed = feeds.get(firmId) ?? { listeners: new Set(), over: new AbortController() };
  if (!feeds.has(firmId)) {
    feeds.set(firmId, feed);
    void follow(firmId, feed);
  }
  feed.listeners.add(listener);
  return () => {
    feed.listeners.delete(listener);
    // A page that follows the one before takes the stream over instead of opening another.
    setTimeout(() => {
      if (feed.listeners.size > 0 || feeds.get(firmId) !== feed) return;
      feeds.delete(firmId);
      feed.over.abort();
    }, comeAgainMsMin);
  };
}

async function follow(firmId: string, { listeners, over: { signal } }: Feed): Promise<void> {
  let lastId: string | null = null;
  let waitMs = comeAgainMsMin;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === null ? {} : { 'last-event-id': lastId }) };
      const { body } = await send(path`/v1/firms/${firmId}/changes`, { headers, signal });
      if (body === null) return;
      for await (const { events, id } of eventsOf(body)) {
        waitMs = comeAgainMsMin;
        lastId = id ?? lastId;
        tell(events, listeners);
      }
    } catch {
      // Whether it ended or never began: come again, where one was.
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(waitMs * 2, comeAgainMsMax);
  }
}

function tell(events: readonly StreamEvent[], listeners: ReadonlySet<ChangesListener>): void {
  const clientIds = new Set<string>();
  for (const { name, text } of events) {
    if (name === 'reset') for (const listener of listeners) listener.missed();
    if (name !== 'change') continue;
    const change: Change = JSON.parse(text);
    clientIds.add(change.clientId);
  }
  if (clientIds.size > 0) for (const listener of listeners) listener.changed(clientIds);
}
