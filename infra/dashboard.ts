// Builds the dashboard's pages into dist/dashboard when they are missing or older than what they are made of.
// Usage: node infra/dashboard.ts [--watch]. Each file gets its packed twins, so that serving packs nothing.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type InlineConfig } from 'vite';

const root = fileURLToPath(new URL('../', import.meta.url));
const source = join(root, 'services/dashboard');
const target = join(root, 'dist/dashboard');
const stampFile = join(target, 'made-of.txt');

/** Smaller files gain nothing by it. */
const packedBytesMin = 512;

const config: InlineConfig = {
  root: source,
  configFile: false,
  base: '/',
  logLevel: 'warn',
  // The compiler's own option says how JSX becomes calls: nothing else is needed for React.
  build: {
    outDir: target,
    emptyOutDir: true,
    target: 'baseline-widely-available',
    // Inlined files would need a wider policy, and every file is fetched once and kept.
    assetsInlineLimit: 0,
    // A script in the page itself is against its policy; browsers that need it are older than what it is built for.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Charts come in one piece, and only when the first is shown; a test minds what comes at first.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // Libraries mark files for servers that render; nothing is rendered on a server here.
      onLog: (level, log, tell) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
};

/** The elements for pages of others: one script under a name that stays. */
const elements: InlineConfig = {
  ...config,
  build: {
    ...config.build,
    emptyOutDir: false,
    // Within a function, because a classic script shares its names with all others.
    lib: {
      entry: join(source, 'elements/main.ts'),
      formats: ['iife'],
      name: 'signalfoldElements',
      fileName: () => 'elements.js',
    },
  },
};

/** A digest of everything that the pages are made of. */
function madeOf(): string {
  const digest = createHash('sha256');
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...files, join(root, 'package-lock.json'), fileURLToPath(import.meta.url)]) {
    digest.update(`${file.slice(root.length)}\n`).update(readFileSync(file));
  }
  return `${digest.digest('hex')}\n`;
}

function pack(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /\.(br|gz)$/.test(path)) continue;
    const bytes = readFileSync(path);
    if (bytes.length < packedBytesMin) continue;
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    );
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

const watch = process.argv.includes('--watch');
const wanted = madeOf();
const isThere = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted;
if (watch) {
  await build({ ...config, logLevel: 'info', build: { ...config.build, watch: {} } });
} else if (!isThere) {
  mkdirSync(target, { recursive: true });
  await build(config);
  await build(elements);
  pack(target);
  writeFileSync(stampFile, wanted);
}
