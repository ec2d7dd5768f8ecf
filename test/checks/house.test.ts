// The house's rules: each breach planted and reported; and the lock file's two.
import { houseFindings } from '../../infra/checks/house.ts';
import { lockfileFindings, missingPlatforms } from '../../infra/checks/lockfile.ts';
import { inTree } from './planted.ts';

const longFile = `// A long file.\n${'\n'.repeat(500)}`;

describe('the house', () => {
  test.each([
    ['a file of 501 lines', 'services/core/a.ts', longFile, 500, 'length'],
    ['a file without its one job', 'services/core/a.ts', 'export const a = 1;\n', 1, 'first line'],
    ['a barrel', 'services/core/index.ts', '// Everything.\n', 1, 'names'],
    ['a file of helpers', 'services/core/helpers.ts', '// Things.\n', 1, 'names'],
    ['an empty name', 'services/core/a.ts', '// A.\nconst data = 1;\n', 2, 'names'],
    ['a function that handles', 'services/core/a.ts', '// A.\nfunction handle() {}\n', 2, 'names'],
    ['a double cast', 'services/core/a.ts', '// A.\nconst a = 1 as unknown as string;\n', 2, 'casts'],
  ])('given %s, when checked, then it is reported', (_what, path, text, line, rule) => {
    const found = inTree({ [path]: text }, houseFindings);
    expect(found.map((finding) => [finding.file, finding.line, finding.rule])).toEqual([[path, line, rule]]);
  });

  test('given a file as it should be, with a shebang, when checked, then nothing is reported', () => {
    const text = '#!/usr/bin/env node\n// Says what it does.\nconst dataFolder = 1;\n';
    expect(inTree({ 'services/cli.ts': text }, houseFindings)).toEqual([]);
  });
});

describe('the lock file', () => {
  const lock = (packages: Record<string, unknown>) => JSON.stringify({ packages });

  test('given a registry’s address, when checked, then it is reported', () => {
    expect(
      lockfileFindings(lock({ 'node_modules/a': { version: '1.0.0', resolved: 'https://x.test/a.tgz' } })),
    ).toEqual([expect.stringContaining('"resolved"')]);
  });

  test('given a binary package without an entry, when checked, then it is reported', () => {
    const text = lock({ 'node_modules/a': { version: '1.0.0', optionalDependencies: { 'a-darwin-arm64': '1.0.0' } } });
    expect(lockfileFindings(text)).toEqual([expect.stringContaining('node_modules/a-darwin-arm64')]);
  });

  test('given a binary package without an entry, when mended, then the entry names its machines alone', () => {
    const missing = missingPlatforms({
      packages: { 'node_modules/a': { dev: true, optionalDependencies: { '@a/b-linux-arm64-musl': '1.2.3' } } },
    });
    const entry = { version: '1.2.3', cpu: ['arm64'], os: ['linux'], libc: ['musl'], optional: true, dev: true };
    expect([...missing]).toEqual([['node_modules/@a/b-linux-arm64-musl', entry]]);
  });

  test('given an optional package that fits everywhere, when checked, then a range is left to npm', () => {
    const text = lock({ 'node_modules/a': { version: '1.0.0', optionalDependencies: { fsevents: '^2.3.3' } } });
    expect(lockfileFindings(text)).toEqual([]);
  });
});
