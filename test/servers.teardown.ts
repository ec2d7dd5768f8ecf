// Ends the servers that the suites of this test run shared.
import { readdir } from 'node:fs/promises';
import { stopShared, testRunVariable } from '../infra/local/servers.ts';

export default async function tearDown(): Promise<void> {
  const runDir = process.env[testRunVariable];
  if (runDir === undefined) return;
  const notes = (await readdir(runDir)).filter((name) => name.endsWith('.json'));
  await stopShared(
    runDir,
    notes.map((name) => name.slice(0, -'.json'.length)),
  );
}
