import { createMetrics, metricsTable } from '../../services/runtime/metrics.ts';

describe('metrics', () => {
  test('given counts, gauges and observations, they come out as Prometheus text', async () => {
    const metrics = createMetrics();
    metrics.count('signalfold_dead_letters_total', { topic: 'login', reason: 'not_json' }, 3);
    metrics.count('signalfold_flushes_total', {});
    metrics.set('signalfold_lag_messages', { topic: 'email' }, 7);
    metrics.observe('signalfold_freshness_seconds', {}, 0.2);
    const text = await metrics.text();
    expect(text).toContain('signalfold_dead_letters_total{topic="login",reason="not_json"} 3');
    expect(text).toContain('signalfold_flushes_total 1');
    expect(text).toContain('signalfold_lag_messages{topic="email"} 7');
    expect(text).toContain('signalfold_freshness_seconds_bucket{le="0.25"} 1');
    expect(text).toContain('signalfold_freshness_seconds_bucket{le="0.1"} 0');
  });

  test('every metric of the table is in the text, with its meaning', async () => {
    const text = await createMetrics().text();
    for (const [name, { meaning }] of Object.entries(metricsTable)) expect(text).toContain(`# HELP ${name} ${meaning}`);
  });

  test('the figures of the process are there too', async () => {
    expect(await createMetrics().text()).toContain('process_cpu_seconds_total');
  });

  test('two sets in one process do not mix', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.count('signalfold_flushes_total', {}, 5);
    expect(await two.text()).toContain('signalfold_flushes_total 0');
  });
});
