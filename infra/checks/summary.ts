// Adds up checks and jest's results into the closing line. What was left out never counts as passed.
import { z } from 'zod';
import type { CheckResult } from './run.ts';

/** What we read of the file that `jest --json` writes. */
const jestResults = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

type Summary = {
  /** Checks and tests that failed, suites that did not run, a jest that did not finish: one name each. */
  readonly failed: readonly string[];
  /** Tests that did not run; their names say why. */
  readonly leftOut: readonly string[];
  /** `N passed, N failed`, and how many were skipped where some were. */
  readonly line: string;
};

/**
 * `jestJson` is the text jest wrote, or null when it wrote none: then it crashed, which counts as one failure.
 * `jestFailed` is how it ended: a failing end without a failed test (an open database, a broken teardown) is one as well.
 */
export function summarise(checks: readonly CheckResult[], jestJson: string | null, jestFailed: boolean): Summary {
  const failed = checks.filter((check) => !check.passed).map((check) => `check: ${check.name}`);
  const leftOut: string[] = [];
  let passed = checks.length - failed.length;

  const parsed = jestJson === null ? null : jestResults.safeParse(JSON.parse(jestJson));
  const suites = parsed?.success ? parsed.data.testResults : [];
  const failedBefore = failed.length;
  for (const suite of suites) {
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') failed.push(test.fullName);
      else leftOut.push(test.fullName);
    }
    const explained = suite.assertionResults.some((test) => test.status === 'failed');
    if (suite.status === 'failed' && !explained) failed.push(`${suite.name} did not run: ${suite.message.trim()}`);
  }
  if (suites.length === 0) failed.push('jest did not finish, or found no tests');
  else if (jestFailed && failed.length === failedBefore) failed.push('jest ended with a failure that no test explains');

  const skipped = leftOut.length > 0 ? `, ${leftOut.length} skipped` : '';
  return { failed, leftOut, line: `${passed} passed, ${failed.length} failed${skipped}` };
}
