// The bench's targets: what this run reached is told, what it did not measure is left out.
import { targetsOf } from '../bench/targets.ts';

describe('the targets', () => {
  test('given no figures, then none is told', () => {
    expect(targetsOf({})).toEqual([]);
  });

  test.each([
    [100_000, true],
    [99_999, false],
  ])('given %p events per CPU-second where 100,000 are wanted, then reached is %p', (value, isReached) => {
    const [target] = targetsOf({ 'uniform: ours, events per CPU-second': value });
    expect(target).toMatchObject({ wanted: '≥ 100,000', reached: value, isReached });
  });

  test.each([
    [500, true],
    [501, false],
  ])('given a p99 of %p ms where 500 are allowed, then reached is %p', (value, isReached) => {
    const [target] = targetsOf({ 'freshness p99 ms, Kafka': value });
    expect(target).toMatchObject({ wanted: '≤ 500', isReached });
  });

  test('given ours and a peer, then the target is one against the other', () => {
    const targets = targetsOf({
      'zipf-0.8: ours, events per CPU-second': 90_000,
      'zipf-0.8: exactly_once_v2, events per CPU-second': 10_000,
    });
    expect(targets.map(({ reached, isReached }) => [reached, isReached])).toEqual([[9, true]]);
  });

  test('given a figure that is not a number, then the target is not reached', () => {
    const [target] = targetsOf({ 'freshness p99 ms, Kafka': Number.NaN });
    expect(target?.isReached).toBe(false);
  });
});
