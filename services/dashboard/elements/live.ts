// A firm's changes as they happen: one stream, read by fetch, because EventSource cannot send a token. A page in the background
// does not listen, since browsers open few connections to one service; it hears what it missed when it comes back.
import type { Change } from '../../query/wire.ts';
import { eventsOf } from '../api/event-stream.ts';
import type { Calls } from './calls.ts';

export type Listener = {
  /** From now on nothing is missed. */
  opened(): void;
  changed(clientIds: readonly string[]): void;
  /** Something was missed: what is shown has to be read again. */
  missed(): void;
};

const comeAgainMsMin = 1_000;
const comeAgainMsMax = 30_000;

/** Follows until the answer is called. */
export function followChanges(calls: Calls, listener: Listener): () => void {
  const over = new AbortController();
  let lastId: string | null = null;

  const listen = async (signal: AbortSignal) => {
    const headers = lastId === null ? {} : { 'last-event-id': lastId };
    const { body } = await calls.send('/changes', { headers, signal });
    if (body === null) return;
    for await (const { events, id } of eventsOf(body)) {
      if (lastId === null && id !== null) listener.opened();
      lastId = id ?? lastId;
      if (events.some(({ name }) => name === 'reset')) listener.missed();
      const changes: readonly Change[] = events
        .filter(({ name }) => name === 'change')
        .map(({ text }) => JSON.parse(text));
      if (changes.length > 0) listener.changed(changes.map(({ clientId }) => clientId));
    }
  };

  const follow = async () => {
    let waitMs = comeAgainMsMin;
    while (!over.signal.aborted) {
      await inSight(over.signal);
      const away = new AbortController();
      const leave = () => document.hidden && away.abort();
      document.addEventListener('visibilitychange', leave);
      const heardUntil = lastId;
      // Whether it ended or never began: come again, where one was.
      await listen(AbortSignal.any([over.signal, away.signal])).catch(() => undefined);
      document.removeEventListener('visibilitychange', leave);
      waitMs = lastId === heardUntil ? Math.min(waitMs * 2, comeAgainMsMax) : comeAgainMsMin;
      if (!away.signal.aborted) await sleep(waitMs);
    }
  };
  void follow();
  return () => over.abort();
}

/** Resolves when the page is looked at. */
async function inSight(signal: AbortSignal): Promise<void> {
  while (document.hidden && !signal.aborted) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
