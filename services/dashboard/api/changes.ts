// Which clients of a firm change, as it happens: one stream for all who listen, read by fetch, because EventSource cannot
// send a token.
import type { Change } from '../../query/wire.ts';
import { path, send } from './ask.ts';

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
      for await (const { events, id } of batchesOf(body)) {
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

type StreamEvent = { readonly name: string; readonly content: string };

function tell(events: readonly StreamEvent[], listeners: ReadonlySet<ChangesListener>): void {
  const clientIds = new Set<string>();
  for (const { name, content } of events) {
    if (name === 'reset') for (const listener of listeners) listener.missed();
    if (name !== 'change') continue;
    const change: Change = JSON.parse(content);
    clientIds.add(change.clientId);
  }
  if (clientIds.size > 0) for (const listener of listeners) listener.changed(clientIds);
}

/** What arrived together, with the last id among it. */
async function* batchesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let left = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const blocks = (left + read.value).split('\n\n');
      left = blocks.pop() ?? '';
      const events: StreamEvent[] = [];
      let id: string | null = null;
      for (const block of blocks) {
        const lines = block.split('\n');
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        id = field('id') ?? id;
        const name = field('event');
        if (name !== undefined) events.push({ name, content: field('data') ?? '' });
      }
      yield { events, id };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
