// The bench's workloads: the same seed gives the same bytes, and each share is what it claims.
import { createHash } from 'node:crypto';
import { eventSchemas } from '../../services/core/topics.ts';
import { type BenchMessage, historyEnd, liveMessagesOf, messagesOf, type Workload } from '../bench/workload.ts';
import { workloadNamed, workloadNames } from '../bench/workloads.ts';

const events = 20_000;
const dayMs = 24 * 60 * 60_000;

type Told = {
  readonly eventId: string;
  readonly occurredAt: string;
  readonly sessionId?: string;
  readonly status?: string;
};

const told = ({ text }: BenchMessage): Told => JSON.parse(text);

function generate(workload: Workload): BenchMessage[] {
  return [...messagesOf(workload)];
}

function digestOf(messages: readonly BenchMessage[]): string {
  const hash = createHash('sha256');
  for (const { topic, key, text } of messages) hash.update(`${topic}\n${key}\n${text}\n`);
  return hash.digest('hex');
}

/** Of all events, those that came after a later one. */
function lateShareOf(messages: readonly BenchMessage[]): number {
  let newest = 0;
  let late = 0;
  for (const message of messages) {
    const at = Date.parse(told(message).occurredAt);
    if (at < newest) late += 1;
    newest = Math.max(newest, at);
  }
  return late / messages.length;
}

/** How often each client acts, the busiest first. */
function activityOf(messages: readonly BenchMessage[]): number[] {
  const counts = new Map<string, number>();
  for (const { key } of messages) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.values()].sort((one, other) => other - one);
}

describe.each(workloadNames)('the workload %s', (name) => {
  const workload = workloadNamed(name, 2_000);

  test('given the same seed twice, then the bytes are the same', () => {
    expect(digestOf(generate(workload))).toBe(digestOf(generate(workload)));
  });

  test('given another seed, then the bytes differ', () => {
    expect(digestOf(generate(workload))).not.toBe(digestOf(generate({ ...workload, seed: workload.seed + 1 })));
  });

  test('given its messages, then there are as many as asked for and all are valid', () => {
    const messages = generate(workload);
    const invalid = messages.filter(({ topic, text }) => !eventSchemas[topic].safeParse(JSON.parse(text)).success);
    expect([messages.length, invalid]).toEqual([2_000, []]);
  });
});

describe('the shares of a workload', () => {
  const uniform = generate(workloadNamed('uniform', events));

  test('given any, then an event is about 250 bytes', () => {
    const bytes = uniform.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    expect(bytes / events).toBeGreaterThan(200);
    expect(bytes / events).toBeLessThan(320);
  });

  test('given any, then all four topics have some', () => {
    expect(new Set(uniform.map(({ topic }) => topic)).size).toBe(4);
  });

  test('given any, then the history is 400 days long', () => {
    const times = uniform.map((message) => Date.parse(told(message).occurredAt));
    const days = (Math.max(...times) - Math.min(...times)) / dayMs;
    expect(Math.round(days)).toBe(400);
  });

  test('given uniform, then nothing is repeated and next to nothing is late', () => {
    expect(new Set(uniform.map((message) => told(message).eventId)).size).toBe(events);
    expect(lateShareOf(uniform)).toBe(0);
  });

  test('given uniform, then the busiest client is not far from the mean', () => {
    const busiest = activityOf(generate({ ...workloadNamed('uniform', events), clients: 1_000 }))[0] ?? 0;
    expect(busiest).toBeLessThan(3 * (events / 1_000));
  });

  test.each([0.8, 1.1])('given zipf %p, then clients act as often as their rank says', (zipf) => {
    const clients = 1_000;
    const activity = activityOf(generate({ ...workloadNamed('uniform', events), clients, zipf }));
    const weights = Array.from({ length: clients }, (_, rank) => 1 / (rank + 1) ** zipf);
    const sum = weights.reduce((one, other) => one + other);
    const expected = weights.slice(0, 10).reduce((one, other) => one + other) / sum;
    const found = activity.slice(0, 10).reduce((one, other) => one + other) / events;
    expect(found).toBeCloseTo(expected, 1);
    expect(Math.abs(found / expected - 1)).toBeLessThan(0.1);
  });

  test('given disorder, then a tenth comes twice', () => {
    const messages = generate(workloadNamed('disorder', events));
    const repeated = events - new Set(messages.map((message) => told(message).eventId)).size;
    expect(repeated / events).toBeGreaterThan(0.08);
    expect(repeated / events).toBeLessThan(0.11);
  });

  test('given disorder, then some three in ten come late', () => {
    const late = lateShareOf(generate({ ...workloadNamed('disorder', events), repeatedShare: 0 }));
    expect(late).toBeGreaterThan(0.27);
    expect(late).toBeLessThan(0.33);
  });

  test('given impersonation, then a fifth of the sessions are a colleague’s', () => {
    const messages = generate(workloadNamed('impersonation', events));
    const sessions = (topic: string) =>
      new Set(messages.filter((message) => message.topic === topic).map((message) => told(message).sessionId));
    const share = sessions('impersonation').size / sessions('login').size;
    expect(share).toBeGreaterThan(0.18);
    expect(share).toBeLessThan(0.22);
  });

  test('given sessions, then most logins of a client sign on to a running session', () => {
    const messages = generate({ ...workloadNamed('sessions', events), clients: 100 });
    const logins = messages.filter(({ topic }) => topic === 'login');
    const sessions = new Set(logins.map((message) => told(message).sessionId)).size;
    expect(1 - sessions / logins.length).toBeGreaterThan(0.66);
    expect(1 - sessions / logins.length).toBeLessThan(0.74);
  });
});

describe('what happens live', () => {
  const workload = workloadNamed('uniform', 1_000);

  function firstLive(count: number): BenchMessage[] {
    const live = liveMessagesOf(workload);
    return Array.from({ length: count }, () => live.next().value);
  }

  test('given the same workload twice, then the bytes are the same', () => {
    expect(digestOf(firstLive(500))).toBe(digestOf(firstLive(500)));
  });

  test('given a history, then it comes after it, under ids of its own', () => {
    const live = firstLive(500).map(told);
    const known = new Set(generate(workload).map((message) => told(message).eventId));
    expect(live.every(({ occurredAt }) => Date.parse(occurredAt) >= historyEnd)).toBe(true);
    expect(live.filter(({ eventId }) => known.has(eventId))).toEqual([]);
  });
});
