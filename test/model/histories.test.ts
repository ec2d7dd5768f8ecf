// The generators themselves: the laws are worth as much as the trouble their histories make.
import fc from 'fast-check';
import { arrange } from './arrivals.ts';
import { instantOf, marks } from './events.ts';
import { type History, histories } from './histories.ts';
import { countsFor, fitsLedgers, lastSeen, loginsMin, mailsExactMin } from './memory.ts';
import { oracleSignals } from './oracle.ts';
import { quarterMs } from './timeline.ts';

const sampleSize = 1500;
const sample = fc.sample(histories(), { numRuns: sampleSize, seed: 20_240_310 });

function share(holds: (history: History) => boolean): number {
  return sample.filter(holds).length / sampleSize;
}

test.each<[string, number, (history: History) => boolean]>([
  ['a session seen more than once', 0.3, ({ events }) => repeatsAnId(events.filter(({ topic }) => topic === 'login'))],
  ['an email with several events', 0.3, ({ events }) => repeatsAnId(events.filter(({ topic }) => topic === 'email'))],
  ['an impersonated session', 0.2, ({ events }) => events.some(marks)],
  ['an impersonation before its login', 0.05, (history) => firstMarkComes(history, 'before')],
  ['an impersonation after its login', 0.05, (history) => firstMarkComes(history, 'after')],
  ['a retraction that changes the last login', 0.03, retractsTheLast],
  ['a refused login', 0.2, ({ events }) => events.some((e) => e.topic === 'login' && e.event.outcome === 'failure')],
  ['a silent sign-on', 0.2, ({ events }) => events.some((e) => e.topic === 'login' && !e.event.interactive)],
  ['an invite', 0.2, ({ events }) => events.some((e) => e.topic === 'email' && e.event.category === 'portal-invite')],
  ['equal times', 0.3, ({ events }) => new Set(events.map(instantOf)).size < events.length],
  [
    'a silence of months',
    0.05,
    ({ events }) => events.some((e, n) => instantOf(events[n + 1] ?? e) - instantOf(e) > 5e9),
  ],
  ['more sessions than the ledger holds', 0.05, ({ events }) => lastSeen(events).login.length > 32],
  ['more sessions than memory holds', 0.01, ({ events }) => lastSeen(events).login.length > loginsMin],
  ['a history that fits the ledgers', 0.5, ({ events }) => fitsLedgers(events)],
  ['an erasure', 0.001, ({ events }) => events.some(({ topic }) => topic === 'client')],
])('given generated histories, then %s is in at least %d of them', (_, least, holds) => {
  expect(share(holds)).toBeGreaterThanOrEqual(least);
});

test('given a history that may come in any order, then it fits the memory', () => {
  for (const { events } of sample.filter(({ bounded }) => !bounded)) {
    const seen = lastSeen(events);
    expect(seen.login.length).toBeLessThanOrEqual(loginsMin);
    expect(seen.email.length).toBeLessThanOrEqual(mailsExactMin);
    expect(seen.outbound.length).toBeLessThanOrEqual(mailsExactMin);
  }
});

test('given probes into the past, then each lies 1 ms before a quarter hour', () => {
  for (const { events, probes } of sample) {
    const newest = Math.max(0, ...events.map(instantOf));
    for (const at of probes) if (at < newest) expect((at + 1) % quarterMs).toBe(0);
  }
});

test.each(['as it happened', 'backwards', 'shuffled', 'topic by topic', 'topics race'] as const)(
  'given the arrival "%s" with repeats, then every event arrives and none is made up',
  (order) => {
    for (const history of sample.slice(0, 200)) {
      const arrived = arrange(history, { order, repeated: 50, seed: 7 });
      expect(new Set(arrived)).toEqual(new Set(history.events));
    }
  },
);

function repeatsAnId(events: History['events']): boolean {
  const ids = events.map(countsFor).filter((id) => id !== null);
  return new Set(ids).size < ids.length;
}

function firstMarkComes({ events }: History, when: 'before' | 'after'): boolean {
  const sessionOf = ({ event }: (typeof events)[number]) => ('sessionId' in event ? event.sessionId : null);
  return events.some((mark, index) => {
    if (mark.topic !== 'impersonation') return false;
    const others = when === 'before' ? events.slice(index + 1) : events.slice(0, index);
    const contrary = when === 'before' ? events.slice(0, index) : [];
    const isSame = (event: (typeof events)[number]) => sessionOf(event) === mark.event.sessionId;
    return others.some((event) => event.topic === 'login' && isSame(event)) && !contrary.some(isSame);
  });
}

function retractsTheLast({ events, settings: [settings], probes }: History): boolean {
  const now = probes.at(-1);
  if (settings === undefined || now === undefined) return false;
  const unmarked = events.filter((event) => !marks(event));
  const [marked, blind] = [oracleSignals(events, settings, now), oracleSignals(unmarked, settings, now)];
  return marked.lastLogin?.at.at !== blind.lastLogin?.at.at;
}
