// A producer as it should be: posts events in order, and again whatever was not acknowledged. It notes what was.
import type { EventTopic } from '../../services/core/topics.ts';
import type { Sent } from '../e2e/cast.ts';
import { Answer, type Reply } from '../e2e/service.ts';

/** One request that was sent, whatever became of it. */
export type Post = { readonly attempt: number; readonly ids: readonly string[]; readonly acknowledged: boolean };

export type Posting = {
  readonly posts: readonly Post[];
  /** How often each answer came; `none` where none did. */
  readonly answers: ReadonlyMap<string, number>;
  /** Sends these events once, those of one topic in one request. False when some were not acknowledged. */
  tryOnce(send: Send, events: readonly Sent[]): Promise<boolean>;
};

export type Send = (path: string, lines: string) => Promise<Reply>;

export function openPosting(): Posting {
  const posts: Post[] = [];
  const answers = new Map<string, number>();
  const note = (answer: string) => void answers.set(answer, (answers.get(answer) ?? 0) + 1);

  const post = async (send: Send, topic: EventTopic, events: readonly Sent[]): Promise<boolean> => {
    const attempt = posts.length;
    const ids = events.map(({ text }) => idOf(topic, JSON.parse(text)));
    const index = posts.push({ attempt, ids, acknowledged: false }) - 1;
    // A field that nobody knows tells afterwards which request brought a message.
    const lines = events.map(({ text }) => `{"attempt":${attempt},${text.slice(1)}\n`).join('');
    try {
      const reply = await send(`/v1/events/${topic}`, lines);
      note(String(reply.status));
      if (reply.status !== 202) return false;
      const { accepted, rejected } = Answer.parse(reply.json());
      if (accepted !== events.length) throw new RangeError(`a good event was rejected: ${JSON.stringify(rejected)}`);
      posts[index] = { attempt, ids, acknowledged: true };
      return true;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      note('none');
      return false;
    }
  };

  return {
    posts,
    answers,
    tryOnce: async (send, events) => {
      const byTopic = new Map<EventTopic, Sent[]>();
      for (const event of events) byTopic.set(event.topic, [...(byTopic.get(event.topic) ?? []), event]);
      const outcomes = await Promise.all([...byTopic].map(([topic, some]) => post(send, topic, some)));
      return outcomes.every((acknowledged) => acknowledged);
    },
  };
}

/** By which an event is known wherever it turns up; a profile by its version. */
export function idOf(topic: string, event: Readonly<Record<string, unknown>>): string {
  const { eventId, firmId, clientId, version } = event;
  return topic === 'client' ? `${firmId}/${clientId}@${version}` : `${firmId}/${eventId}`;
}

/** The ids of what arrived, by the number of the request that brought it. */
export type Arrivals = Map<number, string[]>;

/** Takes a message of the log that a request brought. */
export function noteArrival(arrivals: Arrivals, topic: string, value: Buffer): void {
  const event: Record<string, unknown> = JSON.parse(value.toString('utf8'));
  const attempt = Number(event['attempt']);
  const ids = arrivals.get(attempt) ?? [];
  ids.push(idOf(topic, event));
  arrivals.set(attempt, ids);
}

/** Requests of which the log holds a part, and acknowledged ones that it lacks. */
export function halfOrLost(posts: readonly Post[], arrivals: Arrivals): readonly string[] {
  return posts.flatMap(({ attempt, ids, acknowledged }) => {
    const found = arrivals.get(attempt) ?? [];
    if (found.length === 0 && !acknowledged) return [];
    const missing = ids.filter((id) => !found.includes(id));
    if (missing.length === 0) return [];
    const what = acknowledged ? 'acknowledged' : 'not acknowledged';
    return [`of request ${attempt}, ${what}, the log lacks ${missing.length} of ${ids.length} events: ${missing[0]}`];
  });
}
