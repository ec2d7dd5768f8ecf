// What a view shows in a console: always under the same names, so that what is gone is taken away there too.
import { decodeValue } from '../../services/core/decode.ts';
import type { EventTopic } from '../../services/core/topics.ts';
import { views } from '../../services/projector/main.ts';

const now = Date.UTC(2026, 2, 2);
const who = { firmId: 'firm-a', clientId: 'client-1042' };
const at = '2026-03-01T08:15:30Z';
const head = { ...who, eventId: 'e-1', occurredAt: at };
const profile = { type: 'trust', status: 'active', emails: ['a@b.example'], createdAt: at, updatedAt: at };
const history: [EventTopic, object][] = [
  ['client', { ...who, version: 1, ...profile }],
  ['portal-access', { ...head, email: 'a@b.example', change: 'granted' }],
  ['login', { ...head, sessionId: 's-1', outcome: 'success', userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' }],
  ['email', { ...head, messageId: 'm-1', status: 'sent' }],
  ['message', { ...head, messageId: 'm-2', direction: 'outbound', channel: 'portal' }],
];
const erasure: [EventTopic, object] = ['client', { ...who, version: 2, erased: true, at: '2026-03-01T09:00:00Z' }];

test.each([...views])('given the $name view, empty, full and erased, then it names the same attributes', (view) => {
  const state = view.empty();
  const seen = [view.readable(state, now)];
  for (const events of [history, [erasure]]) {
    for (const [topic, value] of events) {
      const decoded = decodeValue(topic, value, now);
      if (decoded.kind !== 'event') throw new Error(decoded.detail);
      if (view.concerns(decoded.event)) view.fold(state, decoded.event, () => 1);
    }
    seen.push(view.readable(state, now));
  }
  const [empty, full, erased] = seen.map((readable) => Object.keys(readable));
  expect(full).toEqual(empty);
  expect(erased).toEqual(empty);
  expect(seen[1]).not.toEqual(seen[0]);
});
