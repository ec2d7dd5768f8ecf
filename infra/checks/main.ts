// `make check`: runs all checks; ends with 1 when one of them finds something.
import { fileURLToPath } from 'node:url';
import { runChecks } from './run.ts';

const results = await runChecks(fileURLToPath(new URL('../../', import.meta.url)), (text) =>
  process.stdout.write(text),
);
const failed = results.filter(({ passed }) => !passed).length;
process.stdout.write(`${results.length - failed} checks passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
