// Checks package-lock.json: no registry addresses, and an entry for every platform's binary. `--write` adds the missing ones.
// npm leaves out optional binaries that it could not load while locking, and then `npm ci` fails on every machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type LockedPackage = {
  version?: string;
  resolved?: string;
  /** One of our own packages, by its folder. */
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};
type Lockfile = { packages: Record<string, LockedPackage> };

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const processors = ['x64', 'arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32'];

/** Which machines a binary package is for, read from its name: npm needs it to skip the package everywhere else. */
function platformOf(name: string, version: string): LockedPackage | null {
  const words = name.split(/[/-]/);
  const system = words.find((word) => systems.includes(word));
  const processor = words.find((word) => processors.includes(word));
  if (system === undefined || processor === undefined) return null;
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : null;
  return { version, cpu: [processor], ...(libc === null ? {} : { libc: [libc] }), optional: true, os: [system] };
}

/** The entries that `lock` lacks, by their path. A name that does not tell its platform comes as null. */
export function missingPlatforms(lock: Lockfile): Map<string, LockedPackage | null> {
  const missing = new Map<string, LockedPackage | null>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const known = lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
      if (known !== undefined || !/^\d/.test(version)) continue;
      const wanted = platformOf(name, version);
      missing.set(`node_modules/${name}`, wanted && entry.dev ? { ...wanted, dev: true } : wanted);
    }
  }
  return missing;
}

/** What is wrong with the lock file's text, one finding a line; nothing when it is right. */
export function lockfileFindings(text: string): string[] {
  const lock: Lockfile = JSON.parse(text);
  const registry = Object.values(lock.packages).some(({ resolved, link }) => resolved !== undefined && link !== true)
    ? ['package-lock.json names registry addresses ("resolved"): run npm install with the .npmrc of this repository']
    : [];
  const platforms = [...missingPlatforms(lock).keys()].map(
    (path) => `package-lock.json has no entry for ${path}: run node infra/checks/lockfile.ts --write`,
  );
  return [...registry, ...platforms];
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === '--write') {
  const path = new URL('../../package-lock.json', import.meta.url);
  const lock: Lockfile = JSON.parse(readFileSync(path, 'utf8'));
  for (const [at, entry] of missingPlatforms(lock)) {
    if (entry === null) throw new Error(`${at} does not say in its name which platform it is for; add it by hand.`);
    lock.packages[at] = entry;
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
}
