// Makes the folder in which the suites of one test run find the servers that another has started already.
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testRunVariable } from '../infra/local/servers.ts';

export default async function setUp(): Promise<void> {
  const runDir = path.join(tmpdir(), `signalfold-test-run-${process.pid}`);
  await mkdir(runDir, { recursive: true });
  process.env[testRunVariable] = runDir;
}
