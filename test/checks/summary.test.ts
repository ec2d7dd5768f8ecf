// The closing line: what failed is never lost, what was left out never counts as passed.
import { summarise } from '../../infra/checks/summary.ts';

const results = (...tests: readonly (readonly [fullName: string, status: string])[]) =>
  JSON.stringify({
    testResults: [
      {
        name: 'a.test.ts',
        status: tests.some(([, status]) => status === 'failed') ? 'failed' : 'passed',
        message: '',
        assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
      },
    ],
  });

describe('the closing line', () => {
  test('given checks and tests that passed, then it counts both', () => {
    const summary = summarise([{ name: 'types', passed: true }], results(['a', 'passed'], ['b', 'passed']), false);
    expect(summary.line).toBe('3 passed, 0 failed');
  });

  test('given a failed check and a failed test, then both are named', () => {
    const summary = summarise([{ name: 'types', passed: false }], results(['a', 'passed'], ['b', 'failed']), true);
    expect(summary).toMatchObject({ line: '1 passed, 2 failed', failed: ['check: types', 'b'] });
  });

  test.each(['pending', 'todo', 'skipped', 'disabled'])(
    'given a %s test, then it is left out, not passed',
    (status) => {
      const summary = summarise([], results(['a', 'passed'], ['b (no Kafka found)', status]), false);
      expect(summary).toMatchObject({ line: '1 passed, 0 failed, 1 skipped', leftOut: ['b (no Kafka found)'] });
    },
  );

  test('given a suite that did not run, then it is one failure', () => {
    const suite = { name: 'b.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] };
    const summary = summarise([], JSON.stringify({ testResults: [suite] }), true);
    expect(summary).toMatchObject({
      line: '0 passed, 1 failed',
      failed: ['b.test.ts did not run: Cannot find module'],
    });
  });

  test('given a jest that wrote nothing, then that is a failure', () => {
    expect(summarise([{ name: 'types', passed: true }], null, true).line).toBe('1 passed, 1 failed');
  });

  test('given a jest that ended badly though every test passed, then that is a failure', () => {
    expect(summarise([], results(['a', 'passed']), true).line).toBe('1 passed, 1 failed');
  });
});
