// The books: every position of the log has one fate, read by kcat. What was acknowledged is there, as it was sent; each message
// that nobody can use is one dead letter, however often it was written.
import { isDeepStrictEqual } from 'node:util';
import { deadLetterTopic, eventTopics } from '../../../services/core/topics.ts';
import type { Member } from '../../e2e/cast.ts';
import { readTopic } from '../kcat.ts';
import { type Arrivals, halfOrLost, idOf, type Post } from '../posting.ts';
import { type BadMessage, markOf } from './bad-messages.ts';

export type Books = {
  readonly wrong: readonly string[];
  readonly figures: {
    /** Positions of the event topics. */
    readonly positions: number;
    /** The first of each event; the views hold exactly these, which is for others to compare. */
    readonly folded: number;
    readonly repeated: number;
    readonly dropped: number;
    readonly deadLettered: number;
    /** Dead letters that repeat one, under the same key. */
    readonly lettersAgain: number;
  };
};

type Fate = { readonly reason: string; found: string | null };

export async function openBooks(options: {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly members: readonly Member[];
  readonly posts: readonly Post[];
  readonly bad: readonly BadMessage[];
}): Promise<Books> {
  const { brokers, topicPrefix, members, posts, bad } = options;
  const wrong: string[] = [];
  const sent = new Map<string, unknown>();
  for (const { arrival } of members) {
    for (const { topic, text } of arrival) sent.set(`${topic} ${idOf(topic, JSON.parse(text))}`, JSON.parse(text));
  }
  const reasons = new Map(
    bad.map(({ topic, key, value, reason }) => {
      return [markOf(topic, key === null ? null : Buffer.from(key), value), reason] as const;
    }),
  );
  const seen = new Set<string>();
  const arrivals: Arrivals = new Map();
  const refused = new Map<string, Fate>();
  const count = { positions: 0, folded: 0, repeated: 0, dropped: 0, deadLettered: 0, lettersAgain: 0 };

  for (const topic of eventTopics) {
    for (const { partition, offset, key, value } of await readTopic(brokers, topicPrefix + topic)) {
      count.positions += 1;
      const reason = reasons.get(markOf(topic, key, value));
      if (reason !== undefined) {
        if (reason === null) count.dropped += 1;
        else refused.set(`${topic}/${partition}/${offset}`, { reason, found: null });
        continue;
      }
      const { attempt, ...event }: Record<string, unknown> = JSON.parse(String(value));
      const id = idOf(topic, event);
      const name = `${topic} ${id}`;
      if (!isDeepStrictEqual(event, sent.get(name)))
        wrong.push(`${topic}/${partition}/${offset} was not sent so: ${value}`);
      if (seen.has(name)) count.repeated += 1;
      else count.folded += 1;
      seen.add(name);
      arrivals.set(Number(attempt), [...(arrivals.get(Number(attempt)) ?? []), id]);
    }
  }
  // Requests are spread over partitions, so that one which was not acknowledged may be there in part; it came again.
  wrong.push(
    ...halfOrLost(
      posts.filter(({ acknowledged }) => acknowledged),
      arrivals,
    ),
  );
  for (const name of sent.keys())
    if (!seen.has(name)) wrong.push(`${name} was sent until acknowledged, and is not there`);

  for (const { key, headers } of await readTopic(brokers, topicPrefix + deadLetterTopic)) {
    const [topic, rest = ''] = String(key).split('@');
    const place = `${topic}/${rest.split('/').slice(1).join('/')}`;
    const fate = refused.get(place);
    const reason = /(?:^|,)reason=(\w+)/.exec(headers)?.[1] ?? 'none';
    if (fate === undefined) wrong.push(`${place} became a dead letter (${reason}), and is none`);
    else if (fate.found !== null && fate.found !== String(key)) wrong.push(`${place} became two dead letters`);
    else if (reason !== fate.reason)
      wrong.push(`${place} became a dead letter for ${reason}, should be for ${fate.reason}`);
    else if (fate.found !== null) count.lettersAgain += 1;
    else {
      fate.found = String(key);
      count.deadLettered += 1;
    }
  }
  for (const [place, { reason, found }] of refused)
    if (found === null) wrong.push(`${place} is no dead letter: ${reason}`);
  const { positions, folded, repeated, dropped, deadLettered } = count;
  if (positions !== folded + repeated + dropped + deadLettered)
    wrong.push(`the books do not balance: ${JSON.stringify(count)}`);
  return { wrong, figures: count };
}
