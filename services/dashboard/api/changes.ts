// Which clients of a firm change, as it happens: one stream for all who listen, read by fetch, because EventSource cannot
// send a token.
import type { Change } from '../../query/wire.ts';
import { ApiProblem, path, send } from './ask.ts';
import { eventsOf, type StreamEvent } from './event-stream.ts';

export type ChangesListener = {
  /** Ids that changed, several at once, each with its views that did: `signals`, `profile`, `access`. */
  readonly changed: (clientIds: ReadonlySet<string>, views: ReadonlyMap<string, ReadonlySet<string>>) => void;
  /** Something was missed: what is shown has to be loaded anew. */
  readonly missed: () => void;
  /** From now on nothing is missed: whoever has read before reads once more. */
  readonly begun?: () => void;
};

type Feed = { readonly listeners: Set<ChangesListener>; readonly over: AbortController };

const comeAgainMsMin = 1_000;
const comeAgainMsMax = 30_000;

const feeds = new Map<string, Feed>();

/** A restart of the service is over before this many tries have failed. */
const failuresUntold = 1;
const lost = new Set<Feed>();
const toldOfLosses = new Set<() => void>();

function setLost(feed: Feed, isLost: boolean): void {
  if (lost.has(feed) === isLost) return;
  if (isLost) lost.add(feed);
  else lost.delete(feed);
  for (const told of toldOfLosses) told();
}

/** Whether changes that are listened for do not come at present. */
export function isFeedLost(): boolean {
  return lost.size > 0;
}

/** Answers how to stop hearing of it. */
export function onFeedLost(told: () => void): () => void {
  toldOfLosses.add(told);
  return () => toldOfLosses.delete(told);
}

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

async function follow(firmId: string, feed: Feed): Promise<void> {
  const { listeners, over } = feed;
  const { signal } = over;
  let lastId: string | null = null;
  let waitMs = comeAgainMsMin;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === null ? {} : { 'last-event-id': lastId }) };
      const { body } = await send(path`/v1/firms/${firmId}/changes`, { headers, signal });
      if (body === null) break;
      for await (const { events, id } of eventsOf(body)) {
        waitMs = comeAgainMsMin;
        failures = 0;
        setLost(feed, false);
        if (lastId === null && id !== null) for (const listener of listeners) listener.begun?.();
        lastId = id ?? lastId;
        tell(events, listeners);
      }
    } catch (error) {
      // A refusal stays one until somebody else signs in; anything else, whether it ended or never began, may pass.
      if (error instanceof ApiProblem && error.status < 500 && !error.mayPass) break;
      failures += 1;
      setLost(feed, failures > failuresUntold && !signal.aborted);
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(waitMs * 2, comeAgainMsMax);
  }
  setLost(feed, false);
  if (feeds.get(firmId) === feed) feeds.delete(firmId);
}

function tell(events: readonly StreamEvent[], listeners: ReadonlySet<ChangesListener>): void {
  const views = new Map<string, Set<string>>();
  for (const { name, text } of events) {
    if (name === 'reset') for (const listener of listeners) listener.missed();
    if (name !== 'change') continue;
    const change: Change = JSON.parse(text);
    views.set(change.clientId, (views.get(change.clientId) ?? new Set()).add(change.view));
  }
  if (views.size > 0) for (const listener of listeners) listener.changed(new Set(views.keys()), views);
}
