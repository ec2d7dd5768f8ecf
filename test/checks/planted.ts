// Plants small source trees in a temporary folder, for checks to find something in.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes `files` (path to text) into a new folder, lets `look` see it, and removes it. */
export function inTree<Seen>(files: Readonly<Record<string, string>>, look: (root: string) => Seen): Seen {
  const root = mkdtempSync(join(tmpdir(), 'signalfold-planted-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return look(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
