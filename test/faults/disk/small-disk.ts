// A disk that is soon full: a tmpfs where we may mount one, else a limit on the size of the files that a process writes.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export type SmallDisk = {
  readonly kind: 'tmpfs' | 'file size limit';
  /** Makes it small for the process, if it is not small by itself. */
  holdDown(pid: number): void;
  /** Makes it `bytes` larger; the processes on it go on. */
  grow(bytes: number, pid: number | null): void;
  close(): void;
};

/** `folder` is created. `bytes`: what it holds at first. */
export function openSmallDisk(folder: string, bytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  let size = Math.floor(bytes);
  if (mounted('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)) {
    return {
      kind: 'tmpfs',
      holdDown: () => undefined,
      grow: (more) => {
        size += Math.floor(more);
        if (!mounted('-o', `remount,size=${size}`, folder)) throw new Error(`${folder} does not get larger`);
      },
      close: () => void execFileSync('umount', ['--lazy', folder]),
    };
  }
  // Node ignores SIGXFSZ, so that a write above the limit fails and the process lives.
  const limit = (pid: number) => execFileSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`]);
  return {
    kind: 'file size limit',
    holdDown: limit,
    grow: (more, pid) => {
      size += Math.floor(more);
      if (pid !== null) limit(pid);
    },
    close: () => undefined,
  };
}

function mounted(...args: readonly string[]): boolean {
  try {
    execFileSync('mount', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
