import fc from 'fast-check';
import { offers } from '../../../services/ingest/providers.ts';
import { deliveryOf } from '../../../services/ingest/samples/delivery.ts';
import type { Sample } from '../../../services/ingest/samples/sample.ts';
import { samples as samplesOf } from '../../../services/ingest/samples.ts';
import { itemsOfBody } from '../../../services/ingest/webhooks/body-items.ts';
import { canonical, map, moment } from './mapping.ts';

const providers = Object.entries(offers).map(([name, offer]) => [name, offer, samplesOf[name] ?? []] as const);

/** What a mapper gets of a sample: its first item. */
function bodyOf(sample: Sample): unknown {
  const { bytes, headers } = deliveryOf(sample, moment, 'https://in.example/');
  return itemsOfBody(bytes, headers['content-type'], ['form', 'json'])[0]?.parsed?.value;
}

/** A value somewhere within a sample, replaced by anything: what providers change, and what attackers try. */
const rubbish = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(null, '', ' ', 0, -1, 1e308, '\ud800', '__proto__', 'x'.repeat(5000), [], {}, [null], { id: {} }),
);

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))
      : [];
  return [path, ...below];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === name ? replaced(one, rest, by) : one));
  const members = Object.entries(value as object);
  return Object.fromEntries(members.map(([key, one]) => [key, key === name ? replaced(one, rest, by) : one]));
}

function damaged(samples: readonly Sample[]): fc.Arbitrary<unknown> {
  return fc.constantFrom(...samples).chain((sample) => {
    const body = bodyOf(sample);
    const spot = fc.record({ path: fc.constantFrom(...pathsOf(body)), by: rubbish });
    return fc.array(spot, { minLength: 1, maxLength: 3 }).map((spots) =>
      spots.reduce<unknown>((whole, { path, by }) => {
        const stillThere = pathsOf(whole).some((one) => one.join('/') === path.join('/'));
        return stillThere ? replaced(whole, path, by) : whole;
      }, body),
    );
  });
}

describe.each(providers)('%s', (_, { provider }, samples) => {
  test('given any JSON, then it never throws, and every event is one its topic takes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged(samples)), (body) => {
        const mapped = map(provider, body);
        expect(mapped.length).toBeGreaterThan(0);
        for (const one of mapped) if (one.kind === 'event') canonical(one.draft);
      }),
      { numRuns: 500 },
    );
  });

  test('given one body twice, then its events are the same, ids and all', () => {
    fc.assert(
      fc.property(damaged(samples), (body) => {
        expect(map(provider, structuredClone(body))).toEqual(map(provider, body));
      }),
      { numRuns: 100 },
    );
  });

  test('given a value that is wrong, then no detail tells it', () => {
    const secret = 'S3CRET-VALUE';
    for (const sample of samples) {
      const body = bodyOf(sample);
      for (const path of pathsOf(body)) {
        for (const one of map(provider, replaced(body, path, secret))) {
          if (one.kind === 'unusable') expect(one.detail).not.toContain(secret);
          if (one.kind === 'event') expect(one.warnings.join()).not.toContain(secret);
        }
      }
    }
  });

  test.each(samples.map((sample) => [sample.name, sample] as const))('sample %s is what it says it is', (_, sample) => {
    const kinds = map(provider, bodyOf(sample)).map((one) => one.kind);
    const expected = sample.ignored === true ? 'ignored' : 'event';
    expect(kinds).toEqual([expected]);
  });
});
