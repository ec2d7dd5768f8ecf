// Signals kept as rows of numbers come back as they were, however many, and the held event folds as the event itself does.
import fc from 'fast-check';
import { decodeValue } from '../../services/core/decode.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { type SignalEvent, SignalRows } from '../../services/core/views/signals/event.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { historyEnd, messagesOf, uniformReplay } from '../bench/workload.ts';

const signals: fc.Arbitrary<SignalEvent> = fc.record({
  kind: fc.constantFrom('login', 'mark', 'email', 'invite', 'outbound', 'inbound', 'erasure'),
  at: fc.integer({ min: 0, max: 253_402_300_799_999 }),
  hash: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  device: fc.integer({ min: 0, max: 255 }),
});

test('given any signals, when they are kept, then each comes back by its number', () => {
  fc.assert(
    fc.property(fc.array(signals, { maxLength: 3_000, size: 'max' }), (kept) => {
      const rows = new SignalRows();
      for (const signal of kept) rows.keep(signal);
      expect(kept.map((_signal, number) => rows.get(number))).toEqual(kept);
    }),
    { numRuns: 20 },
  );
});

test('a number that was never given is told', () => {
  expect(() => new SignalRows().get(0)).toThrow(RangeError);
});

test('given a history, when it is held and then folded, then the view is the one that folding at once gives', () => {
  const events: CanonicalEvent[] = [];
  for (const { topic, text } of messagesOf({ ...uniformReplay, events: 2_000, clients: 1, impersonatedShare: 0.2 })) {
    const decoded = decodeValue(topic, JSON.parse(text), historyEnd);
    if (decoded.kind === 'event') events.push(decoded.event);
  }
  const deviceOf = (userAgent: string) => 1 + (userAgent.length % 60);
  const atOnce = signalsView.empty();
  for (const event of events) if (signalsView.concerns(event)) signalsView.fold(atOnce, event, deviceOf);

  const held = signalsView.hold?.(deviceOf);
  if (held === undefined) throw new Error('the signals view holds nothing');
  const later = signalsView.empty();
  const kept = events.filter((event) => held.keep(event));
  kept.forEach((_event, number) => {
    held.fold(later, number);
  });
  expect(kept).toEqual(events.filter((event) => signalsView.concerns(event)));
  expect(later).toEqual(atOnce);
});
