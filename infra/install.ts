// Makes node_modules complete for what is about to run, and does nothing where it is. Usage: node infra/install.ts production|all
// `production` holds what the services need and what builds their pages: a package of its own in services/dashboard.
// It stands on nothing but Node, because it runs before any package is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

type LockedPackage = { version?: string; dev?: boolean; optional?: boolean; devOptional?: boolean; peer?: boolean };

const root = new URL('../', import.meta.url);

function lockedPackages(path: string): Record<string, LockedPackage> {
  const file = new URL(path, root);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/**
 * The packages that package-lock.json wants and node_modules lacks. npm itself notes there what it has installed, so this
 * needs no stamp file, and holds however somebody installs. Optional packages are another platform's binaries: not missed.
 */
function missingPackages(production: boolean): string[] {
  const installed = lockedPackages('node_modules/.package-lock.json');
  return Object.entries(lockedPackages('package-lock.json'))
    .filter(([path, wanted]) => {
      if (path === '' || wanted.optional || wanted.devOptional || (production && wanted.dev)) return false;
      return installed[path]?.version !== wanted.version || !existsSync(new URL(path, root));
    })
    .map(([path]) => path);
}

const scope = process.argv[2];
if (scope !== 'production' && scope !== 'all') {
  process.stderr.write('Usage: node infra/install.ts production|all\n');
  process.exit(2);
}

if (missingPackages(scope === 'production').length > 0) {
  const command = scope === 'production' ? ['ci', '--omit=dev'] : ['ci'];
  process.stderr.write(`Installing packages: npm ${command.join(' ')}\n`);
  const npm = spawnSync('npm', [...command, '--no-progress', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.status !== 0) {
    process.stderr.write('npm could not install the packages; its own words stand above.\n');
    process.exit(1);
  }
}
