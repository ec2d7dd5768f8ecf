// The topics as a log needs to know them: which there are, how long each is kept, which are compacted.

import { dayMs } from '../core/time.ts';
import { changesTopic, deadLetterTopic, eventTopics } from '../core/topics.ts';
import type { TopicSpec } from './port.ts';

/** A notice is of use until everybody who follows has read it; whoever was away longer loads afresh. */
const changesKeptMs = 7 * dayMs;
/** Time enough to find out what is wrong with a producer and send its messages again. */
const deadLettersKeptDays = 90;

/**
 * Events are kept without end unless the operator says otherwise: views can be rebuilt for as long as the log reaches
 * back. Dead letters are compacted, so that the copies of an erased client can be taken out by their keys.
 */
export function topicSpecsOf(deadLetterDays: number | null): readonly TopicSpec[] {
  return [
    ...eventTopics.map((topic) => ({ topic, retentionMs: null, compacted: false })),
    { topic: changesTopic, retentionMs: changesKeptMs, compacted: false },
    { topic: deadLetterTopic, retentionMs: (deadLetterDays ?? deadLettersKeptDays) * dayMs, compacted: true },
  ];
}

export const topicSpecs = topicSpecsOf(null);
