// Marks read from stored bytes against marks derived from the decoded views, over generated histories.
import fc from 'fast-check';
import { Checkpoint, sourceOf } from '../../services/core/checkpoint.ts';
import { dayOfDate, noDay } from '../../services/core/list-marks.ts';
import { readAccessMarks } from '../../services/core/marks-access.ts';
import { readProfileMarks } from '../../services/core/marks-profile.ts';
import { readSignalMarks } from '../../services/core/marks-signals.ts';
import { instantMin } from '../../services/core/time.ts';
import { seal, sealEnd, type View } from '../../services/core/view.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { type ClientProfile, profileView } from '../../services/core/views/profile/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { accessHistories, arrivalOf } from '../model/access-histories.ts';
import { arrange, arrivals } from '../model/arrivals.ts';
import { histories } from '../model/histories.ts';
import { foldAll } from '../model/laws.ts';
import { accessMarksOf, signalMarksOf } from './marks-oracle.ts';

const runs = { numRuns: 400 };

/** Sealed with a checkpoint of some positions, so that the view does not begin where it always would. */
function stored<State>(view: View<State>, state: State, positions: number): Uint8Array {
  const checkpoint = new Checkpoint();
  for (let position = 0; position < positions; position += 1) {
    checkpoint.advance(sourceOf(`topic-${position % 3}`, 'incarnation'), position, position * 1_000_003);
  }
  return seal(checkpoint, view.encode(state));
}

const positions = fc.nat({ max: 5 });

test('given any history of signals, when its marks are read, then they are what deriving at the end of time gives', () => {
  fc.assert(
    fc.property(histories(), arrivals(), positions, (history, arrival, count) => {
      const bytes = stored(signalsView, foldAll(arrange(history, arrival)), count);
      const offset = sealEnd(bytes);
      expect(readSignalMarks(bytes, offset)).toEqual(signalMarksOf(signalsView.decode(bytes.subarray(offset))));
    }),
    runs,
  );
});

test('given any history of access, when its marks are read, then they are what replaying it gives', () => {
  fc.assert(
    fc.property(accessHistories(), fc.nat({ max: 999 }), positions, (history, seed, count) => {
      const state = accessView.empty();
      for (const event of arrivalOf(history, seed)) accessView.fold(state, event, () => 0);
      const bytes = stored(accessView, state, count);
      expect(readAccessMarks(bytes, sealEnd(bytes))).toEqual(accessMarksOf(state));
    }),
    runs,
  );
});

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const profiles: fc.Arbitrary<ClientProfile> = fc.record({
  version: fc.nat(),
  firstName: optional(text),
  lastName: optional(text),
  type: text,
  status: fc.constantFrom('active', 'inactive'),
  adviser: optional(fc.record({ id: text, name: optional(text) })),
  emails: fc.array(text, { maxLength: 3 }),
  createdAt: fc.integer({ min: instantMin, max: 2e12 }),
  updatedAt: fc.nat({ max: 2e12 }),
  nextReviewDate: optional(date),
  previousReviewDate: optional(date),
  anniversaryDate: optional(date),
});
const utf8 = (bytes: Uint8Array, start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString();

test('given any profile, when its marks are read, then each is what the profile says', () => {
  const erasures = optional(fc.record({ at: fc.nat({ max: 2e12 }), version: fc.nat() }));
  fc.assert(
    fc.property(profiles, erasures, positions, (profile, erased, count) => {
      const bytes = stored(profileView, { profile, erased }, count);
      const marks = readProfileMarks(bytes, sealEnd(bytes), utf8);
      if (marks === null) throw new Error('there is a profile');
      const { emailStart, emailEnd, ...rest } = marks;
      expect(utf8(bytes, emailStart, emailEnd)).toBe(profile.emails[0] ?? '');
      expect(rest).toEqual({
        firstName: profile.firstName,
        lastName: profile.lastName,
        type: profile.type,
        isActive: profile.status === 'active',
        adviser: profile.adviser,
        createdAt: profile.createdAt,
        updatedAt: profile.updatedAt,
        nextReview: dayOfDate(profile.nextReviewDate) ?? noDay,
        previousReview: dayOfDate(profile.previousReviewDate) ?? noDay,
        anniversary: dayOfDate(profile.anniversaryDate) ?? noDay,
      });
    }),
    runs,
  );
});

test('given an erased client, when its profile is read, then there is none', () => {
  const bytes = stored(profileView, { profile: null, erased: { at: 1, version: 2 } }, 1);
  expect(readProfileMarks(bytes, sealEnd(bytes), utf8)).toBeNull();
});

test.each([
  ['signals', readSignalMarks],
  ['access', readAccessMarks],
  ['a profile', (bytes: Uint8Array, offset: number) => readProfileMarks(bytes, offset, utf8)],
] as const)('given %s of another format, or cut short, when marks are read, then it is refused', (_what, read) => {
  expect(() => read(Uint8Array.of(9, 0, 0), 0)).toThrow(/format 9/);
  expect(() => read(Uint8Array.of(1, 255), 0)).toThrow(RangeError);
});
